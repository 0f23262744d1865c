// Phones of the simulated platforms. Text is only ever put in as text.
"use strict";
const PEOPLE = { telegram: "10001", wechat: "openid-wang", wecom: "external-wang", whatsapp: "8613800000001", sms: "13800000001", email: "wang@example.test", qq: "qq-wang", ivr: "13800000001", webhook: "app-wang" };
const shown = new Map();

function part(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

async function post(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
}

function phone(name, faults) {
  const user = PEOPLE[name] || "10001";
  const box = part("section", "", { class: "phone", "aria-label": name });
  const head = part("h2", name);
  head.append(part("small", user));
  const thread = part("div", "", { class: "thread" });
  thread.append(part("p", "说句话试试：本期应还多少", { class: "empty" }));
  const form = part("form");
  const line = part("input", "", { "aria-label": `${name} 说`, autocomplete: "off", placeholder: "输入…" });
  form.append(line, part("button", "发送"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!line.value.trim()) return;
    post(`/say/${name}/${encodeURIComponent(user)}`, { text: line.value }).then(refresh);
    line.value = "";
  });
  const row = part("div", "", { class: "faults" });
  const pick = part("select", "", { "aria-label": `${name} 故障` });
  for (const fault of faults) pick.append(part("option", fault, { value: fault }));
  const order = part("button", "制造故障", { type: "button" });
  order.addEventListener("click", () => post(`/order/${name}/${pick.value}`, {}).then(refresh));
  const ordered = part("span");
  row.append(pick, order, ordered);
  box.append(head, thread, form, row);
  document.getElementById("phones").append(box);
  return { name, user, thread, ordered, seen: "" };
}

function draw(one, state) {
  const said = state.phones[one.user] || [];
  one.ordered.textContent = Object.keys(state.faults).join(" ");
  const now = JSON.stringify(said);
  if (now === one.seen || said.length === 0) return;
  one.seen = now;
  one.thread.replaceChildren(...said.map((each) => bubble(one, each)));
  one.thread.scrollTop = one.thread.scrollHeight;
}

function bubble(one, each) {
  const made = part("div", each.text, { class: each.by === "me" ? "said me" : "said" });
  if (each.state) made.append(part("small", each.state));
  for (const button of each.buttons || []) {
    const pressed = part("button", button.title, { type: "button" });
    pressed.addEventListener("click", () => post(`/say/${one.name}/${encodeURIComponent(one.user)}`, { text: button.title, press: button.data }).then(refresh));
    made.append(pressed);
  }
  return made;
}

async function refresh() {
  const state = await (await fetch("/phones")).json();
  for (const [name, its] of Object.entries(state)) if (shown.has(name)) draw(shown.get(name), its);
}

(async () => {
  const faults = await (await fetch("/faults")).json();
  const state = await (await fetch("/phones")).json();
  for (const name of Object.keys(state)) shown.set(name, phone(name, faults));
  await refresh();
  setInterval(refresh, 700);
})();
