// Phone or not, and how much of a phone's screen the software keyboard leaves.

import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

const PHONE = "(max-width: 560px), (max-height: 480px)";

/** True on a phone, and where the chat is the whole page; there the panel follows the visual viewport and the page behind does not scroll. */
export function useScreen(panel: RefObject<HTMLElement | null>, page: boolean): boolean {
  const [phone, setPhone] = useState(() => page || window.matchMedia(PHONE).matches);

  useEffect(() => {
    const query = window.matchMedia(PHONE);
    const changed = () => setPhone(page || query.matches);
    query.addEventListener?.("change", changed);
    return () => query.removeEventListener?.("change", changed);
  }, []);

  useEffect(() => {
    const viewport = window.visualViewport;
    const element = panel.current;
    if (!phone || !element) return;
    const page = document.documentElement;
    const before = page.style.overflow;
    page.style.overflow = "hidden";
    const fit = () => {
      if (!viewport) return;
      element.style.height = `${viewport.height}px`;
      element.style.top = `${viewport.offsetTop}px`;
    };
    fit();
    viewport?.addEventListener("resize", fit);
    viewport?.addEventListener("scroll", fit);
    return () => {
      viewport?.removeEventListener("resize", fit);
      viewport?.removeEventListener("scroll", fit);
      page.style.overflow = before;
      element.style.height = element.style.top = "";
    };
  }, [phone]);

  return phone;
}
