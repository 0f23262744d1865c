// The one script of a host page:
//   <script src="https://lender.example/widget.js" defer data-language="zh-CN" data-title="…" data-open="wide"></script>
// It puts one element at the end of the body and draws the launcher in its shadow root. The conversation itself (the core) is
// fetched when it is opened or used, and in an idle moment where this browser has talked before.

import { recall, remember } from "../core/browser";
import words from "../i18n/launcher.json";
import { choose, LANGUAGE_KEY, matching } from "../i18n/languages";
import { emit, publish } from "./api";
import { type Core, type EventName, usedKey } from "./contract";
import css from "./launcher.css?inline";
import { fetchCore } from "./loading";
import { dress } from "./style";

const WIDE = "(min-width: 900px) and (min-height: 600px)";
const IDLE = 2_000; // milliseconds, where the browser does not tell when it is idle
const BUBBLE = "M5 5.5h14a1.5 1.5 0 0 1 1.5 1.5v8.5A1.5 1.5 0 0 1 19 17h-6l-4.5 3.5V17H5a1.5 1.5 0 0 1-1.5-1.5V7A1.5 1.5 0 0 1 5 5.5ZM8 10h8M8 13h5";
const script = document.currentScript as HTMLScriptElement | null;
const set = (name: string) => script?.dataset[name] ?? null;

function start(): void {
  if (document.querySelector("daihou-widget")) return; // a page that loads the script twice gets one widget
  const server = set("server") ?? new URL(script?.src || location.href, location.href).origin;
  let language = choose(recall(LANGUAGE_KEY), set("language"), ...navigator.languages);
  let loading: Promise<Core> | null = null;
  let asked = false; // the borrower opened it, so focus may move
  let unread = 0;
  let open = false;

  const host = document.createElement("daihou-widget");
  const root = host.attachShadow({ mode: "open" });
  dress(root, css, `${server}/assets/launcher.css`);
  const button = document.createElement("button");
  const label = document.createElement("span");
  const badge = document.createElement("b");
  button.type = "button";
  button.className = "launcher";
  button.setAttribute("aria-haspopup", "dialog");
  badge.setAttribute("aria-hidden", "true");
  button.append(bubble(), label, badge);
  root.append(button);

  const draw = (failed = false) => {
    const said = words[language];
    label.textContent = failed ? said.failed : said.label;
    button.lang = language;
    button.setAttribute("aria-label", failed ? said.failed : unread ? said.unread.replace("{n}", String(unread)) : said.label);
    badge.textContent = unread > 9 ? "9+" : unread ? String(unread) : "";
    badge.hidden = unread === 0;
  };
  const tell = (name: EventName, detail?: unknown) => {
    if (name === "language") {
      language = matching(detail as string) ?? language;
      draw();
    }
    emit(name, detail);
  };
  const shell = {
    shown: (is: boolean) => {
      if (is === open) return;
      open = is;
      if (is) button.remove();
      else root.append(button);
      if (!is && asked) button.focus();
      asked ||= is;
      emit(is ? "open" : "close");
    },
    unread: (count: number) => {
      if (count === unread) return;
      unread = count;
      draw();
      emit("unread", { count });
    },
    emit: tell,
  };
  const settings = { server, language: set("language"), title: set("title"), page: false, voice: set("voice") !== "off", greeting: null };
  const core = () => {
    loading ??= fetchCore(server, script?.nonce ?? "").then(
      (begin) => begin(root, settings, shell),
      (error: unknown) => {
        loading = null; // the next tap tries again
        emit("error", { code: "load" });
        throw error;
      },
    );
    return loading;
  };
  const show = () => {
    button.setAttribute("aria-busy", "true");
    core()
      .then((one) => {
        draw();
        one.show(asked);
      })
      .catch(() => draw(true))
      .finally(() => button.removeAttribute("aria-busy"));
  };
  button.addEventListener("click", () => {
    asked = true;
    show();
  });
  button.addEventListener("pointerenter", () => void core().catch(() => undefined), { once: true });

  draw();
  document.body.appendChild(host);
  publish({
    open: show,
    close: () => void loading?.then((one) => one.hide()),
    core,
    setLanguage: (tag) => {
      const found = matching(tag);
      if (loading) void loading.then((one) => one.speak(tag));
      else if (found && found !== language) {
        remember(LANGUAGE_KEY, found);
        tell("language", found);
      }
    },
    language: () => language,
  });
  const wanted = set("open");
  if (wanted === "always" || (wanted === "wide" && window.matchMedia(WIDE).matches)) show();
  else if (recall(`daihou.session ${server}`) || recall(usedKey(server)))
    whenIdle(() => void core().then((one) => set("unread") !== "off" && one.watch(), () => undefined));
}

function bubble(): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  const looks = { d: BUBBLE, fill: "none", stroke: "currentColor", "stroke-width": "1.7", "stroke-linejoin": "round" };
  for (const [name, value] of Object.entries(looks)) path.setAttribute(name, value);
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  icon.append(path);
  return icon;
}

/** After the page itself is there, in a moment when the browser has nothing else to do. */
function whenIdle(job: () => void): void {
  const later = () => ("requestIdleCallback" in window ? window.requestIdleCallback(job) : setTimeout(job, IDLE));
  if (document.readyState === "complete") later();
  else window.addEventListener("load", later, { once: true });
}

if (document.body) start();
else document.addEventListener("DOMContentLoaded", start);
