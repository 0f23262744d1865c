// Tells about the connection only when it matters: not for a blip, calmly while it lasts, shortly when it is over.

import { useEffect, useState } from "preact/hooks";
import { useChat } from "./context";

const BLIP = 1_500; // milliseconds
const BACK = 2_500;
const SLOW = 4; // lost connections in a row

export function Banner() {
  const chat = useChat();
  const { t } = chat;
  const { link, losses } = chat.view.value;
  const down = !chat.networkUp.value || (losses > 0 && link !== "online");
  const [shown, setShown] = useState<"no" | "down" | "back">("no");

  useEffect(() => {
    if (down) {
      const timer = setTimeout(() => setShown("down"), chat.networkUp.value ? BLIP : 0);
      return () => clearTimeout(timer);
    }
    if (shown !== "down") return;
    setShown("back");
    const timer = setTimeout(() => setShown("no"), BACK);
    return () => clearTimeout(timer);
  }, [down, chat.networkUp.value]);

  const words = shown === "back" ? t("link.back") : !chat.networkUp.value ? t("link.offline") : t(losses >= SLOW ? "link.slow" : "link.waiting");
  return (
    <div role="status" class={`banner ${shown}`}>
      {shown !== "no" && <p>{words}</p>}
      {shown === "down" && chat.networkUp.value && (
        <button type="button" onClick={() => chat.retry()}>
          {t("link.now")}
        </button>
      )}
    </div>
  );
}
