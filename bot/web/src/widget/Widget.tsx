import type { Chat } from "./chat";
import { ChatContext } from "./context";
import { Panel } from "./Panel";

/** The open conversation with the borrower's looks; nothing while it is closed. */
export function Widget({ chat }: { chat: Chat }) {
  const looks = ["root", chat.options.page && "page", chat.large.value && "large", chat.contrast.value && "contrast"];
  return (
    <ChatContext.Provider value={chat}>
      <div class={looks.filter(Boolean).join(" ")} lang={chat.language.value}>
        {chat.open.value && <Panel takeFocus={chat.takeFocus} />}
      </div>
    </ChatContext.Provider>
  );
}
