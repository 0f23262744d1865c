// The demo lender's page: what a lender's own page would do around the widget, and a menu to be one of its borrowers.

import { type Language, matching } from "../i18n";
import type { DaihouApi } from "../launcher/api";
import { WORDS, type WordKey } from "./words";

interface Borrower {
  customer_id: string;
  name: string;
  note: string;
}

interface Text {
  text: string;
  created_at: string;
}

const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const menu = find<HTMLDialogElement>("menu");
const who = find<HTMLButtonElement>("who");
const trouble = find("trouble");
let language: Language = "zh-CN";
let person = "";

function daihou(): DaihouApi {
  return (window as unknown as { Daihou: DaihouApi }).Daihou;
}

function word(key: WordKey): string {
  return WORDS[language][key];
}

function speak(tag: string): void {
  language = matching(tag) ?? "zh-CN";
  document.documentElement.lang = language;
  document.title = word("title");
  for (const element of document.querySelectorAll<HTMLElement>("[data-words]"))
    element.textContent = word(element.dataset.words as WordKey);
  showPerson();
}

function showPerson(): void {
  who.textContent = person ? word("loggedIn").replace("{name}", person) : word("login");
}

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const answer = await fetch(path, body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

async function login(borrower: Borrower): Promise<void> {
  const acr = document.querySelector<HTMLInputElement>("input[name=acr]:checked")?.value ?? "2";
  try {
    const { token } = await ask<{ token: string }>("/demo/login", { customer_id: borrower.customer_id, acr });
    daihou().identify(token);
  } catch {
    trouble.textContent = word("menu.failed");
    return;
  }
  person = borrower.name;
  showPerson();
  menu.close();
  daihou().open();
}

function button(borrower: Borrower): HTMLLIElement {
  const item = document.createElement("li");
  const choose = document.createElement("button");
  const name = document.createElement("strong");
  const note = document.createElement("span");
  choose.type = "button";
  name.textContent = borrower.name;
  note.textContent = borrower.note;
  choose.append(name, note);
  choose.addEventListener("click", () => void login(borrower));
  item.append(choose);
  return item;
}

async function showTexts(): Promise<void> {
  const texts = await ask<Text[]>(`/demo/outbox?to=${encodeURIComponent(find<HTMLInputElement>("number").value.trim())}`).catch(() => []);
  const lines = texts.slice(-3).reverse().map(({ text, created_at }) => line(text, new Date(created_at).toLocaleTimeString(language)));
  find("texts").replaceChildren(...(lines.length ? lines : [line(word("phone.none"), "")]));
}

function line(text: string, at: string): HTMLLIElement {
  const item = document.createElement("li");
  const time = document.createElement("small");
  time.textContent = at;
  item.append(text, time);
  return item;
}

async function start(): Promise<void> {
  speak(daihou().language);
  window.addEventListener("daihou:language", (event) => speak((event as CustomEvent<string>).detail));
  for (const task of document.querySelectorAll<HTMLElement>("[data-say]"))
    task.addEventListener("click", () => daihou().say(word(`${task.dataset.say}.say` as WordKey)));
  who.addEventListener("click", () => {
    trouble.textContent = "";
    who.setAttribute("aria-expanded", "true");
    menu.showModal();
  });
  menu.addEventListener("close", () => who.setAttribute("aria-expanded", "false"));
  find("guest").addEventListener("click", () => {
    person = "";
    showPerson();
    menu.close();
    void daihou().forget();
  });
  find<HTMLFormElement>("phone").addEventListener("submit", (event) => {
    event.preventDefault();
    void showTexts();
  });
  // Outside DEMO=1 there is nobody to play; then the page is only a page.
  const borrowers = await ask<Borrower[]>("/demo/borrowers").catch(() => []);
  find("borrowers").replaceChildren(...borrowers.map(button));
  who.hidden = find("trying").hidden = borrowers.length === 0;
}

if ("Daihou" in window) void start();
else window.addEventListener("daihou:ready", () => void start(), { once: true });
