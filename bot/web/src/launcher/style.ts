// A style sheet into a shadow root without inline styles: a strict Content-Security-Policy allows both ways.

/** @param fallback where the same sheet is, for browsers without constructable ones */
export function dress(root: ShadowRoot, css: string, fallback: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = fallback;
    root.appendChild(link);
  }
}
