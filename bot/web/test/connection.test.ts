import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MemoryOutbox } from "../src/core/outbox";
import { FakeSocket, message, Scene, settle } from "./fakes";

beforeEach(() => void vi.useFakeTimers({ now: new Date("2026-03-01T08:00:00+08:00") }));
afterEach(() => void vi.useRealTimers());

async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  await settle();
}

test("a first visit asks for a session and says hello from 0", async () => {
  const scene = new Scene();
  const socket = await scene.online({ messages: [message(0, { text: "您好" })] });
  expect(socket.url).toBe("wss://lender.example/web/ws");
  expect(socket.sent[0]).toEqual({ type: "hello", session: "session-1", after: 0, language: "zh-Hans" });
  expect(scene.texts()).toEqual(["您好:sent"]);
});

test("a later visit uses the kept session", async () => {
  const scene = new Scene();
  scene.store.setItem("daihou.session https://lender.example", "kept");
  const socket = await scene.online();
  expect(socket.of("hello")[0]?.session).toBe("kept");
  expect(scene.network.sessions).toBe(0);
});

test("a message is sending, then sent, then the server's own copy, once", async () => {
  const scene = new Scene();
  const socket = await scene.online();
  scene.connection.say("本期应还多少");
  expect(scene.texts()).toEqual(["本期应还多少:sending"]);
  const id = socket.of("say")[0]!.client_msg_id;
  socket.say({ type: "ack", client_msg_id: id, seq: 1 });
  expect(scene.texts()).toEqual(["本期应还多少:sent"]);
  const copy = message(1, { from: "borrower", text: "本期应还多少", client_msg_id: id });
  socket.say({ type: "message", message: copy });
  socket.say({ type: "message", message: copy });
  socket.say({ type: "message", message: message(2, { text: "¥1.00" }) });
  expect(scene.texts()).toEqual(["本期应还多少:sent", "¥1.00:sent"]);
  expect(await (scene.outbox as MemoryOutbox).all()).toEqual([]);
  expect(scene.news.map((one) => one.seq)).toEqual([2]);
});

test("the server's copy may come before the acknowledgement", async () => {
  const scene = new Scene();
  const socket = await scene.online();
  scene.connection.say("一");
  scene.connection.say("二");
  const id = socket.of("say")[0]!.client_msg_id;
  socket.say({ type: "message", message: message(1, { from: "borrower", text: "一", client_msg_id: id }) });
  expect(socket.of("say").map((frame) => frame.text)).toEqual(["一", "二"]);
  socket.say({ type: "ack", client_msg_id: id, seq: 1 });
  expect(scene.texts()).toEqual(["一:sent", "二:sending"]);
});

test("the code that the server masks is not shown in clear", async () => {
  const scene = new Scene();
  const socket = await scene.online();
  scene.connection.say("123456");
  const id = socket.of("say")[0]!.client_msg_id;
  socket.say({ type: "message", message: message(1, { from: "borrower", text: "●●●●●●", client_msg_id: id }) });
  expect(scene.texts()).toEqual(["●●●●●●:sent"]);
});

test("messages leave one at a time, in order", async () => {
  const scene = new Scene();
  const socket = await scene.online();
  ["一", "二", "三"].forEach((text) => scene.connection.say(text));
  for (const seq of [1, 2, 3]) {
    expect(socket.of("say")).toHaveLength(seq);
    socket.say({ type: "ack", client_msg_id: socket.of("say")[seq - 1]!.client_msg_id, seq });
  }
  expect(socket.of("say").map((frame) => frame.text)).toEqual(["一", "二", "三"]);
});

test("a reconnect goes on after the last seq and repeats what was not acknowledged under the same id", async () => {
  const scene = new Scene();
  const first = await scene.online({ messages: [message(1), message(7)] });
  scene.connection.say("在吗");
  const id = first.of("say")[0]!.client_msg_id;
  first.drop();
  expect(scene.view.link).toBe("waiting");
  await settle();
  expect(scene.texts()).toContain("在吗:waiting");
  await pass(300);
  const second = FakeSocket.last.open();
  expect(second).not.toBe(first);
  expect(second.of("hello")[0]?.after).toBe(7);
  second.ready({ messages: [message(9)] });
  expect(second.of("say")).toEqual([{ type: "say", client_msg_id: id, text: "在吗" }]);
  expect(scene.view.entries.map((entry) => entry.message.seq).slice(0, 3)).toEqual([1, 7, 9]);
});

test("an acknowledgement does not move the cursor past replies that were not received", async () => {
  const scene = new Scene();
  const first = await scene.online();
  scene.connection.say("一");
  first.say({ type: "ack", client_msg_id: first.of("say")[0]!.client_msg_id, seq: 5 });
  first.drop();
  await pass(300);
  expect(FakeSocket.last.open().of("hello")[0]?.after).toBe(0);
});

test("what was written while nothing was connected is sent afterwards, in order", async () => {
  const scene = new Scene();
  scene.connection.say("一");
  scene.connection.say("二");
  await settle();
  const socket = FakeSocket.last.open().ready();
  socket.say({ type: "ack", client_msg_id: socket.of("say")[0]!.client_msg_id, seq: 1 });
  expect(socket.of("say").map((frame) => frame.text)).toEqual(["一", "二"]);
});

test("back-off grows, is cut short when the page is seen again, and starts anew after success", async () => {
  const scene = new Scene();
  await scene.online();
  FakeSocket.last.drop();
  const delays: number[] = [];
  for (let loss = 0; loss < 3; loss++) {
    const before = FakeSocket.all.length;
    let waited = 0;
    while (FakeSocket.all.length === before) {
      await pass(50);
      waited += 50;
    }
    delays.push(waited);
    FakeSocket.last.drop();
  }
  expect(delays).toEqual([250, 500, 1000]);
  const count = FakeSocket.all.length;
  scene.connection.wake();
  await settle();
  expect(FakeSocket.all.length).toBe(count + 1);
  FakeSocket.last.open().ready();
  expect(scene.view).toMatchObject({ link: "online", losses: 0 });
});

test("a socket that is silent after waking up is replaced", async () => {
  const scene = new Scene();
  const socket = await scene.online();
  scene.connection.wake();
  expect(socket.of("ping")).toHaveLength(1);
  await pass(3_300);
  expect(FakeSocket.all).toHaveLength(2);
});

test("a socket that answers pings is kept", async () => {
  const scene = new Scene();
  const socket = await scene.online();
  for (let minute = 0; minute < 4; minute++) {
    await pass(26_000);
    socket.say({ type: "pong" });
  }
  expect(FakeSocket.all).toHaveLength(1);
});

test("a message that is swallowed leads to a new connection and another try", async () => {
  const scene = new Scene();
  const socket = await scene.online();
  scene.connection.say("一");
  await pass(15_100);
  expect(FakeSocket.all).toHaveLength(2);
  const next = FakeSocket.last.open().ready();
  expect(next.of("say")[0]?.client_msg_id).toBe(socket.of("say")[0]?.client_msg_id);
});

test("a final refusal shows the server's words, lets the next message pass and survives a reload", async () => {
  const scene = new Scene();
  const socket = await scene.online();
  scene.connection.say("一");
  scene.connection.say("二");
  socket.say({ type: "refused", client_msg_id: socket.of("say")[0]!.client_msg_id, code: "too_long", text: "太长了" });
  expect(scene.texts()).toEqual(["一:refused", "二:sending"]);
  expect(scene.view.entries[0]?.words).toBe("太长了");
  const reloaded = new Scene(scene.outbox);
  await reloaded.connection.load();
  expect(reloaded.texts()).toEqual(["一:refused", "二:waiting"]);
  expect(reloaded.connection.discard(reloaded.view.entries[0]!.key)).toBe("一");
  expect(reloaded.texts()).toEqual(["二:waiting"]);
});

test("a passing refusal is tried again by itself, then left to the borrower", async () => {
  const scene = new Scene();
  const socket = await scene.online();
  scene.connection.say("一");
  for (let turn = 1; turn <= 5; turn++) {
    expect(socket.of("say")).toHaveLength(turn);
    socket.say({ type: "refused", client_msg_id: socket.of("say")[0]!.client_msg_id, code: "store_unavailable", text: "稍后" });
    await pass(9_000);
    socket.say({ type: "pong" });
  }
  expect(scene.texts()).toEqual(["一:failed"]);
  expect(socket.of("say")).toHaveLength(5);
  scene.connection.retry();
  expect(scene.texts()).toEqual(["一:sending"]);
  expect(new Set(socket.of("say").map((frame) => frame.client_msg_id)).size).toBe(1);
});

test("unsent messages of an earlier page are sent, old ones only when the borrower asks", async () => {
  const outbox = new MemoryOutbox();
  await outbox.put({ id: "old", text: "昨天的", at: Date.now() - 13 * 3600_000 });
  await outbox.put({ id: "new", text: "刚才的", at: Date.now() - 1000 });
  const scene = new Scene(outbox);
  expect(await scene.connection.load()).toBe(true);
  const socket = await scene.online();
  expect(socket.of("say").map((frame) => frame.client_msg_id)).toEqual(["new"]);
  expect(scene.texts()).toEqual(["昨天的:failed", "刚才的:sending"]);
});

test("a reset drops what was shown and starts again from 0; unsent words stay", async () => {
  const scene = new Scene();
  const socket = await scene.online({ messages: [message(3)] });
  scene.connection.say("一");
  socket.say({ type: "identity", level: 2, customer: "王*" });
  socket.say({ type: "reset" });
  await settle();
  expect(socket.of("hello")[1]?.after).toBe(0);
  socket.ready({ level: 2, customer: "王*", messages: [message(40)] });
  expect(scene.texts()).toEqual(["text 40:sent", "一:sending"]);
  expect(scene.view).toMatchObject({ level: 2, customer: "王*" });
});

test("a lower level hides at once, before the server has sent the history again", async () => {
  const scene = new Scene();
  const socket = await scene.online({ level: 2, customer: "王*", messages: [message(3)] });
  socket.say({ type: "identity", level: 0, customer: null });
  expect(scene.texts()).toEqual([]);
});

test("an identity that ended during an outage leaves nothing on the screen", async () => {
  const scene = new Scene();
  const first = await scene.online({ level: 2, customer: "王*", messages: [message(3)] });
  first.drop();
  await pass(300);
  const second = FakeSocket.last.open().ready({ level: 0, customer: null });
  await settle();
  expect(scene.texts()).toEqual([]);
  expect(second.of("hello").map((frame) => frame.after)).toEqual([3, 0]);
});

test("a token is repeated after a lost connection until the server has surely read it", async () => {
  const scene = new Scene();
  const first = await scene.online();
  scene.connection.identify("token");
  expect(first.of("identity")).toHaveLength(1);
  first.drop();
  await pass(300);
  const second = FakeSocket.last.open().ready();
  expect(second.of("identity")).toHaveLength(1);
  second.say({ type: "pong" });
  second.drop();
  await pass(300);
  expect(FakeSocket.last.open().ready().of("identity")).toHaveLength(0);
});

test("an unknown session is replaced by a new one, without hammering", async () => {
  const scene = new Scene();
  scene.store.setItem("daihou.session https://lender.example", "expired");
  scene.connection.start();
  await settle();
  FakeSocket.last.open().say({ type: "refused", client_msg_id: null, code: "session_unknown", text: "" });
  await settle();
  expect(FakeSocket.last.open().of("hello")[0]?.session).toBe("session-1");
  FakeSocket.last.say({ type: "refused", client_msg_id: null, code: "session_unknown", text: "" });
  await settle();
  expect(scene.view.link).toBe("waiting");
});

test("forgetting leaves neither session nor messages behind", async () => {
  const scene = new Scene();
  await scene.online({ messages: [message(1)] });
  scene.connection.say("一");
  await scene.connection.forget();
  await settle();
  expect(scene.texts()).toEqual([]);
  expect(await scene.outbox.all()).toEqual([]);
  expect(FakeSocket.last.open().of("hello")[0]).toMatchObject({ session: "session-2", after: 0 });
});

test("frames that are broken or unknown are passed over", async () => {
  const scene = new Scene();
  const socket = await scene.online({ messages: [message(1)] });
  socket.onmessage?.({ data: "{not json" });
  socket.onmessage?.({ data: '"a string"' });
  socket.onmessage?.({ data: '{"type":"queue_position","place":3}' });
  expect(scene.texts()).toEqual(["text 1:sent"]);
});

test("a change of language says hello again without losing the place", async () => {
  const scene = new Scene();
  const socket = await scene.online({ messages: [message(4)] });
  scene.connection.setLanguage("en");
  await settle();
  expect(socket.of("hello")[1]).toMatchObject({ after: 4, language: "en" });
  socket.ready();
  expect(scene.texts()).toEqual(["text 4:sent"]);
});

test("a message is shown as waiting only once a reload cannot lose it", async () => {
  const scene = new Scene();
  const first = await scene.online();
  let written = (): void => undefined;
  scene.outbox.put = () => new Promise((resolve) => (written = () => resolve(undefined)));
  scene.connection.say("月底还可以吗");
  first.drop();
  await settle();
  expect(scene.texts()).toEqual(["月底还可以吗:sending"]);
  written();
  await settle();
  expect(scene.texts()).toEqual(["月底还可以吗:waiting"]);
});
