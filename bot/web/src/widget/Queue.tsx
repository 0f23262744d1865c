import { useChat } from "./context";

/** The place of somebody who waits for a person, as it is now. */
export function Queue() {
  const { t, view } = useChat();
  const { queue } = view.value.state;
  if (!queue) return null;
  const { position, minutes } = queue;
  return (
    <div role="status" class="banner queue">
      <p>
        {position > 1 ? t("queue", { n: position }) : t("queue.next")} {minutes && t("queue.minutes", { low: minutes[0], high: minutes[1] })} {t("queue.kept")}
      </p>
    </div>
  );
}
