// One message: who says it, the words, its card, and for the borrower's own what has become of it.

import type { Entry } from "../core/timeline";
import { CardView } from "./Cards";
import { useChat } from "./context";
import { Icon } from "./Icon";
import { Rate } from "./Rate";

interface Props {
  entry: Entry;
  time: string; // stands above; empty when the message follows closely
  first: boolean; // of a run of the same speaker
  last: boolean; // the borrower's latest message that the server has: says so
  rates: boolean; // it ends an answer, which can be rated
  active: boolean; // its choices can still be made
}

export function EntryView({ entry, time, first, last, rates, active }: Props) {
  const { t } = useChat();
  const { message } = entry;
  const mine = message.from === "borrower";
  return (
    <li class={`entry ${message.from}${first ? " first" : ""}`}>
      {time && (
        <p class="time">
          <time dateTime={message.at}>{time}</time>
        </p>
      )}
      {!mine && first && message.from !== "system" && (
        <span class="badge" aria-hidden="true">
          {t(message.from === "agent" ? "agent.badge" : "ai.badge")}
        </span>
      )}
      {message.from === "agent" && first && message.by && <p class="name">{message.by}</p>}
      <div class="said">
        {message.hidden ? (
          <p class="bubble hidden">
            <Icon name="lock" />
            {t("hidden")}
          </p>
        ) : (
          message.text && (
            <p class="bubble">
              <span class="unseen">{t(`said.${message.from}`)}</span>
              {message.text}
            </p>
          )
        )}
        {message.card && !message.hidden && <CardView card={message.card} active={active} />}
      </div>
      {rates && <Rate seq={message.seq} />}
      {mine && <Delivery entry={entry} last={last} />}
    </li>
  );
}

function Delivery({ entry, last }: { entry: Entry; last: boolean }) {
  const chat = useChat();
  const { t } = chat;
  const { state, words, key } = entry;
  if (state === "sent") {
    return last ? (
      <p class="delivery sent">
        <Icon name="check" />
        {t(entry.message.seq <= chat.view.value.state.read ? "state.read" : "state.sent")}
      </p>
    ) : null;
  }
  const offline = !chat.networkUp.value; // a socket may seem alive for a while after the network went
  if (state === "sending" && !offline) return <p class="delivery">{t("state.sending")}</p>;
  if (state === "waiting" || state === "sending") return <p class="delivery waiting">{words || t("state.waiting")}</p>;
  return (
    <div class="delivery failed">
      <p>
        <Icon name="alert" />
        {words || t(state === "failed" ? "state.failed" : "state.refused")}
      </p>
      <p>
        {state === "failed" ? (
          <button type="button" onClick={() => chat.retry()}>
            {t("retry")}
          </button>
        ) : (
          <button type="button" onClick={() => chat.edit(key)}>
            {t("edit")}
          </button>
        )}
        <button type="button" onClick={() => chat.discard(key)}>
          {t("discard")}
        </button>
      </p>
    </div>
  );
}
