import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Chat } from "./chat";

export const ChatContext = createContext<Chat | null>(null);

/** The chat of this widget; components are never drawn without one. */
export function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (!chat) throw new Error("a component of the widget outside ChatContext");
  return chat;
}
