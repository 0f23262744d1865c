// The staff console. One page: login, then inbox, conversation and panel, or a supervisor's views.

import { effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./App";
import { DeskContext } from "./context";
import { Desk } from "./desk";
import { listenForKeys } from "./keys";
import { english, t } from "./words";

const desk = new Desk();
document.documentElement.lang = english.value ? "en" : "zh-CN";
effect(() => {
  document.title = (desk.unseen.value ? `(${desk.unseen.value}) ` : "") + t("title");
});
listenForKeys(desk);
void desk.start();
const root = document.getElementById("desk");
if (root)
  render(
    <DeskContext.Provider value={desk}>
      <App />
    </DeskContext.Provider>,
    root,
  );
