// /chat: the chat is the whole page, for web views of apps and links in messages. `?lang=` is the wished language,
// `#token=` a token of the lender's login: taken once, and out of the address before anything else happens.

import { emit, publish } from "../launcher/api";
import type { Begin, Shell } from "../launcher/contract";
import { choose } from "../i18n";

export function beginPage(begin: Begin): void {
  const shell: Shell = {
    shown: () => emit("open"),
    unread: () => undefined, // what is there is seen
    emit: (name, detail) => {
      if (name === "language") document.documentElement.lang = detail as string;
      emit(name, detail);
    },
  };
  const host = document.createElement("daihou-widget");
  const root = host.attachShadow({ mode: "open" });
  const query = new URLSearchParams(location.search);
  const first = takeToken();
  const core = begin(
    root,
    {
      server: location.origin,
      language: query.get("lang"),
      title: null,
      page: true,
      voice: query.get("voice") !== "off",
      greeting: document.getElementById("greeting")?.textContent ?? null,
    },
    shell,
  );
  let language = choose(query.get("lang"), document.documentElement.lang);
  publish({
    open: () => undefined,
    close: () => undefined,
    core: () => Promise.resolve(core),
    setLanguage: (tag) => core.speak(tag),
    language: () => (language = choose(document.documentElement.lang, language)),
  });
  if (first) core.identify(first);
  core.show(false);
  document.body.replaceChildren(host); // the shell that the server drew has done its work
  window.addEventListener("hashchange", () => {
    const token = takeToken();
    if (token) core.identify(token);
  });
}

/** The token of the address' fragment, which servers never see and which is gone from the address and history afterwards. */
function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token !== null) history.replaceState(null, "", location.pathname + location.search);
  return token;
}
