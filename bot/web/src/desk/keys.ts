// Shortcuts: plain letters outside of fields, Escape everywhere.

import type { Desk } from "./desk";

const TABS = ["file", "customer", "plan", "notes"] as const;

export function listenForKeys(desk: Desk): void {
  document.addEventListener("keydown", (event) => {
    if (!desk.me.value || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") return leave(desk);
    const target = event.target as HTMLElement;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || desk.dialog.value) return;
    const tab = TABS[Number(event.key) - 1];
    if (tab) desk.tab.value = tab;
    else if (!act(desk, event.key)) return;
    event.preventDefault();
  });
}

function act(desk: Desk, key: string): boolean {
  if (key === "n") void desk.takeNext();
  else if (key === "j") desk.move(1);
  else if (key === "k") desk.move(-1);
  else if (key === "r") focus("write");
  else if (key === "s") focus("knowledge");
  else if (key === "m") {
    desk.tab.value = "notes";
    setTimeout(() => focus("note"));
  } else if (key === "t" && desk.mine) desk.dialog.value = "transfer";
  else if (key === "e" && desk.mine) desk.dialog.value = "close";
  else if (key === "/") desk.dialog.value = "canned";
  else if (key === "?") desk.dialog.value = "keys";
  else return false;
  return true;
}

function leave(desk: Desk): void {
  if (desk.dialog.value) desk.dialog.value = "";
  else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

export function focus(id: string): void {
  document.getElementById(id)?.focus();
}
