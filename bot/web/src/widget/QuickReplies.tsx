import type { Card } from "../core/protocol";
import type { Entry } from "../core/timeline";
import { useChat } from "./context";
import { open } from "./Timeline";

/** The replies offered since the borrower last spoke, each once; what a card already offers is not repeated. */
export function offered(entries: readonly Entry[]): { title: string; say: string }[] {
  const messages = open(entries).map((entry) => entry.message);
  const taken = new Set(messages.flatMap(({ card }) => (card ? says(card) : [])));
  return messages.flatMap((message) => message.buttons).filter(({ say }) => !taken.has(say) && taken.add(say));
}

/** What the buttons of a card say. */
function says(card: Card): string[] {
  if (card.kind === "choices") return card.options.map((one) => one.say);
  if (card.kind === "compare") return [...card.options.map((one) => one.say), card.others.say];
  return card.kind === "consent" ? [card.say_agree, card.say_decline] : [];
}

export function QuickReplies() {
  const chat = useChat();
  const { entries, level } = chat.view.value;
  const replies = offered(entries);
  if (level < 2 && entries.some((entry) => entry.message.hidden))
    replies.push({ title: chat.t("hidden.verify"), say: chat.t("hidden.say") });
  if (!replies.length) return null;
  return (
    <div class="quick" role="group" aria-label={chat.t("quick")}>
      {replies.map(({ title, say }) => (
        <button key={say} type="button" onClick={() => chat.choose(say)}>
          {title}
        </button>
      ))}
    </div>
  );
}
