// The one script of a host page:
//   <script src="https://lender.example/widget.js" defer data-language="zh-CN" data-title="…" data-open="wide"></script>
// It puts one element at the end of the body, draws inside its shadow root, and leaves window.Daihou.

import { render } from "preact";
import { Chat } from "./chat";
import { dress } from "./styles";
import { Widget } from "./Widget";

const WIDE = "(min-width: 900px) and (min-height: 600px)";

export interface DaihouApi {
  open(): void;
  close(): void;
  /** Open the conversation and say something for the borrower, who has just chosen it on the page. */
  say(text: string): void;
  /** A token of the lender's own login (see PROTOCOL.md, identity). */
  identify(token: string): void;
  /** End the conversation in this browser and begin as a stranger. */
  forget(): Promise<void>;
  setLanguage(tag: string): void;
  readonly language: string;
}

const script = document.currentScript as HTMLScriptElement | null;

function start(): void {
  if (document.querySelector("daihou-widget")) return; // a page that loads the script twice gets one widget
  const server = script?.dataset.server ?? new URL(script?.src || location.href, location.href).origin;
  const chat = new Chat({ server, language: script?.dataset.language ?? null, title: script?.dataset.title ?? null });
  const host = document.createElement("daihou-widget");
  const root = host.attachShadow({ mode: "open" });
  dress(root, server);
  render(<Widget chat={chat} />, root);
  document.body.appendChild(host);

  const api: DaihouApi = {
    open: () => chat.show(),
    close: () => chat.hide(),
    say: (text) => {
      chat.show();
      chat.say(text);
    },
    identify: (token) => chat.identify(token),
    forget: () => chat.forget(),
    setLanguage: (tag) => chat.speak(tag),
    get language() {
      return chat.language.value;
    },
  };
  Object.assign(window, { Daihou: api });
  window.dispatchEvent(new CustomEvent("daihou:ready"));
  const wanted = script?.dataset.open;
  if (wanted === "always" || (wanted === "wide" && window.matchMedia(WIDE).matches)) chat.show();
}

if (document.body) start();
else document.addEventListener("DOMContentLoaded", start);
