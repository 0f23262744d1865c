// Where the borrower writes. Enter sends, Shift+Enter breaks the line, and Enter inside a composition does neither.

import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { CompositionGuard } from "../core/composition";
import { useChat } from "./context";
import type { Key } from "../i18n";
import { Icon } from "./Icon";
import { Voice } from "./Voice";

const LONGEST = 20_000; // characters the protocol carries; what is answered is the server's to say

export function Composer() {
  const chat = useChat();
  const { t } = chat;
  const field = useRef<HTMLTextAreaElement>(null);
  const guard = useMemo(() => new CompositionGuard(), []);
  const [told, setTold] = useState<Key | null>(null);
  const draft = chat.draft.value;

  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [draft]);

  const send = () => {
    if (!chat.draft.value.trim()) return;
    chat.say(chat.draft.value);
    chat.draft.value = "";
    setTold(null);
    field.current?.focus();
  };
  return (
    <>
    <p role="status" class="told">
      {told && t(told)}
    </p>
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        value={draft}
        maxLength={LONGEST}
        aria-label={t("composer")}
        placeholder={t("composer.placeholder")}
        enterkeyhint="send"
        autocomplete="off"
        onInput={(event) => (chat.draft.value = event.currentTarget.value)}
        onCompositionStart={() => guard.started()}
        onCompositionEnd={() => guard.ended()}
        onBlur={() => guard.left()}
        onKeyDown={(event) => {
          if (!guard.sends(event)) return;
          event.preventDefault();
          send();
        }}
      />
      <Voice tell={setTold} />
      <button type="submit" class="send" aria-label={t("send")} aria-disabled={!draft.trim()}>
        <Icon name="send" />
      </button>
    </form>
    </>
  );
}
