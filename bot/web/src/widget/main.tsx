// The core of the widget: the conversation itself. The launcher loads it and calls `begin`; the page /chat loads it at once.

import { render } from "preact";
import type { Begin } from "../launcher/contract";
import { dress } from "../launcher/style";
import { Chat } from "./chat";
import { beginPage } from "./page";
import css from "./widget.css?inline";
import { Widget } from "./Widget";

export const begin: Begin = (root, settings, shell) => {
  const chat = new Chat(settings, shell);
  const place = document.createElement("div");
  dress(root, css, `${settings.server}/assets/widget.css`);
  root.appendChild(place);
  render(<Widget chat={chat} />, place);
  return chat;
};

if ((document.currentScript as HTMLScriptElement | null)?.dataset.page === "chat") beginPage(begin);
