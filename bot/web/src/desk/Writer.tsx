// Where an agent writes: suggestions above, the guard's word, the field. Enter inside a composition never sends.

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { CompositionGuard } from "../core/composition";
import { useDesk } from "./context";
import { t } from "./words";

const LONGEST = 2_000;

export function Writer() {
  const desk = useDesk();
  const field = useRef<HTMLTextAreaElement>(null);
  const guard = useMemo(() => new CompositionGuard(), []);
  const text = desk.draft.value;
  useLayoutEffect(() => {
    if (!field.current) return;
    field.current.style.height = "auto";
    field.current.style.height = `${Math.min(field.current.scrollHeight + 2, 220)}px`;
  }, [text]);
  if (!desk.mine) return <p class="write off">{desk.me.value?.role !== "compliance" && t("write.notyours")}</p>;
  const take = (words: string) => {
    desk.write(words);
    field.current?.focus();
  };
  return (
    <form
      class="write"
      onSubmit={(event) => {
        event.preventDefault();
        void desk.send();
      }}
    >
      {desk.suggestions.value.length > 0 && (
        <div class="suggestions" role="group" aria-label={t("suggest")}>
          {desk.suggestions.value.map((one, index) => (
            <button key={index} type="button" title={one.text} onClick={() => take(one.text)}>
              <small>{t(`suggest.${one.why.source}`, { name: one.why.name })}</small>
              <span>{one.text}</span>
            </button>
          ))}
        </div>
      )}
      <HeldBack />
      <div class="field">
        <textarea
          id="write"
          ref={field}
          rows={2}
          maxLength={LONGEST}
          value={text}
          aria-label={t("write")}
          placeholder={t("write.place")}
          onInput={(event) => {
            if (event.currentTarget.value === "/") desk.dialog.value = "canned";
            desk.write(event.currentTarget.value === "/" ? "" : event.currentTarget.value);
          }}
          onCompositionStart={() => guard.started()}
          onCompositionEnd={() => guard.ended()}
          onBlur={() => guard.left()}
          onKeyDown={(event) => {
            if (!guard.sends(event)) return;
            event.preventDefault();
            void desk.send();
          }}
        />
        <button type="submit" class="primary" disabled={!text.trim()}>
          {t("send")}
        </button>
        <button type="button" onClick={() => (desk.dialog.value = "canned")}>
          {t("canned")} <kbd>/</kbd>
        </button>
        <Give />
      </div>
    </form>
  );
}

function Give() {
  const desk = useDesk();
  const chosen = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" disabled={desk.giving.value !== ""} onClick={() => chosen.current?.click()} title={t("give.which")}>
        {t(desk.giving.value ? "sending" : "give")}
      </button>
      <input
        ref={chosen}
        type="file"
        hidden
        accept=".pdf,.jpg,.jpeg,.png"
        aria-label={t("give.which")}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = ""; // the same file may be chosen again
          if (file) void desk.give(file);
        }}
      />
    </>
  );
}

function HeldBack() {
  const desk = useDesk();
  const held = desk.held.value;
  if (!held) return null;
  return (
    <div class={held.blocked ? "held blocked" : "held"} role="alert">
      <strong>{t(held.blocked ? "guard.blocked" : "guard.warned")}</strong>
      {held.rules.map((one) => `${t(`guard.${one.rule}`)}${one.words ? `（${one.words}）` : ""}`).join("；")}
      {!held.blocked && (
        <button type="button" onClick={() => void desk.send(held.rules.map((one) => one.rule))}>
          {t("guard.anyway")}
        </button>
      )}
    </div>
  );
}
