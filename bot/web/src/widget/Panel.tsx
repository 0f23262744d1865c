// The open conversation: a dialog beside the page on a wide screen, the whole screen on a phone.

import { useEffect, useRef } from "preact/hooks";
import { Banner } from "./Banner";
import { Composer } from "./Composer";
import { useChat } from "./context";
import { Header } from "./Header";
import { Queue } from "./Queue";
import { QuickReplies } from "./QuickReplies";
import { useScreen } from "./screen";
import { Timeline } from "./Timeline";

export function Panel({ takeFocus }: { takeFocus: boolean }) {
  const chat = useChat();
  const panel = useRef<HTMLElement>(null);
  const { page } = chat.options;
  const phone = useScreen(panel, page);

  useEffect(() => {
    chat.refocus = () => {
      // On a touch screen focus in the field would throw the keyboard over the conversation.
      const touch = window.matchMedia("(pointer: coarse)").matches;
      const target = touch ? panel.current : panel.current?.querySelector("textarea");
      target?.focus({ preventScroll: true });
    };
    if (takeFocus) chat.refocus();
    return () => void (chat.refocus = () => undefined);
  }, []);

  const key = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      chat.hide();
    } else if (event.key === "Tab" && phone && !page && panel.current) keepInside(event, panel.current);
  };
  return (
    <section ref={panel} class="panel" role={page ? "main" : "dialog"} aria-modal={phone && !page ? "true" : undefined} aria-labelledby="daihou-title" tabIndex={-1} onKeyDown={key}>
      <Header onClose={page ? null : () => chat.hide()} />
      <Banner />
      <Queue />
      <Timeline />
      <QuickReplies />
      <Composer />
    </section>
  );
}

/** Tab goes round inside the full-screen panel: what lies behind cannot be seen. */
function keepInside(event: KeyboardEvent, panel: HTMLElement): void {
  const stops = [...panel.querySelectorAll<HTMLElement>("button:not(:disabled), select, textarea, [tabindex='0']")];
  const present = (panel.getRootNode() as ShadowRoot).activeElement;
  const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
  if (present !== edge && present !== panel) return;
  if (present === panel && !event.shiftKey) return;
  event.preventDefault();
  (event.shiftKey ? stops[stops.length - 1] : stops[0])?.focus();
}
