// The widget's style inside its shadow root, without inline styles: a strict Content-Security-Policy allows both ways.

import css from "./widget.css?inline";

export function dress(root: ShadowRoot, server: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const link = document.createElement("link"); // browsers without constructable style sheets
    link.rel = "stylesheet";
    link.href = `${server}/assets/widget.css`;
    root.appendChild(link);
  }
}
