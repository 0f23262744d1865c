import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { State } from "../src/core/protocol";
import { FakeSocket, json, message, Scene, settle } from "./fakes";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const STATE: State = { read: 0, queue: null, language: null, large_type: null };
const sent = () => FakeSocket.last.of("seen").map((frame) => frame.seq);

test("what is seen is told once, in growing order, and only while connected", async () => {
  const on = new Scene();
  const socket = await on.online({ messages: [message(3), message(5)], seen: 3 });
  on.connection.more.see(5);
  on.connection.more.see(5);
  on.connection.more.see(4);
  expect(sent()).toEqual([5]);
  expect(on.view.seen).toBe(5);
  socket.drop();
  on.connection.more.see(7);
  expect(sent()).toEqual([5]);
  await vi.advanceTimersByTimeAsync(300);
  await settle();
  FakeSocket.last.open().ready({ seen: 5 });
  expect(sent()).toEqual([7]);
});

test("a history that nobody is known to have seen is not news", async () => {
  const on = new Scene();
  await on.online({ messages: [message(3), message(8)], seen: 0 });
  expect(on.view.seen).toBe(8);
  expect(sent()).toEqual([]);
  FakeSocket.last.say({ type: "message", message: message(9) });
  expect(on.view.entries.filter((entry) => entry.message.seq > on.view.seen)).toHaveLength(1);
});

test("what came while the borrower was away is news", async () => {
  const on = new Scene();
  await on.online({ messages: [message(3), message(8)], seen: 3 });
  expect(on.view.seen).toBe(3);
});

test("another conversation has its own numbers", async () => {
  const on = new Scene();
  await on.online({ messages: [message(40)], seen: 40, ratings: { "40": "up" } });
  FakeSocket.last.say({ type: "reset" });
  await settle();
  FakeSocket.last.ready({ level: 2, customer: "王*", messages: [message(2), message(6)], seen: 2, ratings: {} });
  expect(on.view.seen).toBe(2);
  expect(on.view.ratings).toEqual({});
});

test("the state is what the server said last", async () => {
  const on = new Scene();
  await on.online({ state: { ...STATE, read: 2 } });
  expect(on.view.state.read).toBe(2);
  FakeSocket.last.say({ type: "state", state: { ...STATE, read: 4, queue: { position: 3, minutes: [4, 9] } } });
  expect(on.view.state).toMatchObject({ read: 4, queue: { position: 3, minutes: [4, 9] } });
  await on.connection.forget();
  expect(on.view.state).toEqual(STATE);
});

test("a rating is shown at once, kept when stored, and taken back when not", async () => {
  const on = new Scene();
  await on.online({ messages: [message(3)] });
  on.network.answers["POST /web/ratings"] = (_, init) => {
    expect(JSON.parse(init.body as string)).toEqual({ session: "session-1", seq: 3, value: "down" });
    return new Response(null, { status: 204 });
  };
  const done = on.connection.more.rate(3, "down");
  expect(on.view.ratings).toEqual({ "3": "down" });
  await done;
  expect(on.view.ratings).toEqual({ "3": "down" });
  on.network.answers["POST /web/ratings"] = () => json({ code: "store_unavailable" }, 503);
  await on.connection.more.rate(3, "up");
  expect(on.view.ratings).toEqual({ "3": "down" });
});

test("the file, the wishes and a document carry the session as bearer; a lost network is an answer, not an error", async () => {
  const on = new Scene();
  expect(await on.connection.more.export("txt", "en")).toBe(null);
  on.network.answers["GET /web/export"] = () => new Response("words");
  expect(await (await on.connection.more.export("txt", "en"))!.text()).toBe("words");
  const call = on.network.calls[on.network.calls.length - 1]!;
  expect(call.url).toContain("format=txt&language=en");
  expect(call.init.headers).toMatchObject({ Authorization: "Bearer session-1" });
  await on.connection.more.wish({ large_type: true });
  expect(await on.connection.more.upload("HX-1", new Blob(["x"]))).toBe("network");
  on.network.answers["POST /web/documents"] = () => json({ code: "document_kind" }, 400);
  expect(await on.connection.more.upload("HX-1", new Blob(["x"]))).toBe("document_kind");
});

test("by poll, seen goes by POST and the state comes with the news", async () => {
  const on = new Scene(undefined, false);
  const polls: ((news: object) => void)[] = [];
  const news = { level: 0, customer: null, reset: false, messages: [message(4)], typing: false, view: "c.0" };
  on.network.answers["GET /web/messages"] = () => new Promise((done) => polls.push((more) => done(json({ ...news, ...more }))));
  on.connection.start();
  await settle();
  await vi.advanceTimersByTimeAsync(1);
  polls.shift()!({ state: { ...STATE, read: 3 } });
  await settle();
  expect(on.view.state.read).toBe(3);
  const told: unknown[] = [];
  on.network.answers["POST /web/seen"] = (_, init) => {
    told.push(JSON.parse(init.body as string));
    return new Response(null, { status: 204 });
  };
  on.connection.more.see(4);
  await settle();
  polls.shift()!({ messages: [], state: { ...STATE, read: 9 } });
  await settle();
  expect(on.view.state.read).toBe(9);
  expect(told).toEqual([{ session: "session-1", seq: 4 }]);
});
