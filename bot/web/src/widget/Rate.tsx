// Whether an answer helped. Small, changeable, never in the way; after "no" a person is one tap away.

import type { Rating } from "../core/protocol";
import { useChat } from "./context";
import { Icon } from "./Icon";

export function Rate({ seq }: { seq: number }) {
  const chat = useChat();
  const { t } = chat;
  const given = chat.view.value.ratings[seq] ?? "none";
  const button = (value: Exclude<Rating, "none">) => (
    <button type="button" aria-pressed={given === value} aria-label={t(`rate.${value}`)} title={t(`rate.${value}`)} onClick={() => chat.rate(seq, given === value ? "none" : value)}>
      <Icon name={value} />
    </button>
  );
  return (
    <div class="rate" role="group" aria-label={t("rate")}>
      {button("up")}
      {button("down")}
      {given === "up" && <span>{t("rate.thanks")}</span>}
      {given === "down" && (
        <span>
          {t("rate.person")}
          <button type="button" class="call" onClick={() => chat.choose(t("human.say"))}>
            {t("rate.call")}
          </button>
        </span>
      )}
    </div>
  );
}
