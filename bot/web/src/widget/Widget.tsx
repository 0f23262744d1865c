import { useEffect, useRef } from "preact/hooks";
import type { Chat } from "./chat";
import { ChatContext } from "./context";
import { Icon } from "./Icon";
import { Panel } from "./Panel";

/** The launcher, or the conversation; focus goes back to the launcher when the conversation is closed. */
export function Widget({ chat }: { chat: Chat }) {
  const launcher = useRef<HTMLButtonElement>(null);
  const asked = useRef(false); // the borrower opened it, so focus may move
  const open = chat.open.value;
  const unread = chat.unread.value;

  useEffect(() => {
    if (!open && asked.current) launcher.current?.focus();
    if (open) asked.current = true;
  }, [open]);

  return (
    <ChatContext.Provider value={chat}>
      <div class="root" lang={chat.language.value}>
        {open ? (
          <Panel takeFocus={asked.current} />
        ) : (
          <button
            ref={launcher}
            type="button"
            class="launcher"
            aria-haspopup="dialog"
            aria-label={unread ? chat.t("launcher.unread", { n: unread }) : chat.t("launcher")}
            onClick={() => {
              asked.current = true;
              chat.show();
            }}
          >
            <Icon name="chat" />
            <span>{chat.t("launcher")}</span>
            {unread > 0 && <b aria-hidden="true">{unread > 9 ? "9+" : unread}</b>}
          </button>
        )}
      </div>
    </ChatContext.Provider>
  );
}
