import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeSocket, json, message, Scene, settle } from "./fakes";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NEWS = { level: 0, customer: null, reset: false, messages: [] as unknown[], typing: false, view: "" };

/** Polls that hang until the test gives them news. */
class Polls {
  urls: string[] = [];
  private waiting: ((news: object) => void)[] = [];

  answer = (url: string, init: RequestInit) => {
    this.urls.push(url);
    return new Promise<Response>((resolve, reject) => {
      this.waiting.push((news) => resolve(json({ ...NEWS, ...news })));
      init.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
  };

  async give(news: object = {}): Promise<void> {
    this.waiting.pop()?.(news);
    await settle();
  }
}

async function scene(socket: boolean): Promise<{ on: Scene; polls: Polls }> {
  const on = new Scene(undefined, socket);
  const polls = new Polls();
  on.network.answers["GET /web/messages"] = polls.answer;
  FakeSocket.refusing = true;
  on.connection.start();
  await settle();
  await vi.advanceTimersByTimeAsync(socket ? 300 : 1);
  await settle();
  return { on, polls };
}

test("where sockets are refused the second attempt polls", async () => {
  const { on, polls } = await scene(true);
  await polls.give({ messages: [message(2)] });
  expect(on.view).toMatchObject({ link: "online", byPoll: true });
  expect(on.texts()).toEqual(["text 2:sent"]);
  expect(polls.urls[1]).toContain("after=2&wait=25");
});

test("a message goes by POST and its reply comes by poll", async () => {
  const { on, polls } = await scene(false);
  await polls.give();
  on.network.answers["POST /web/messages"] = () => json({ seq: 1 }, 202);
  on.connection.say("在吗");
  await settle();
  expect(on.texts()).toEqual(["在吗:sent"]);
  const id = on.view.entries[0]!.key;
  await polls.give({ messages: [message(1, { from: "borrower", text: "在吗", client_msg_id: id }), message(2, { text: "在" })], typing: false });
  expect(on.texts()).toEqual(["在吗:sent", "在:sent"]);
});

test("a refusal by POST has the server's words; 503 is tried again", async () => {
  const { on, polls } = await scene(false);
  await polls.give();
  on.network.answers["POST /web/messages"] = () => json({ code: "too_long", message: "太长" }, 400);
  on.connection.say("长");
  await settle();
  expect(on.view.entries[0]).toMatchObject({ state: "refused", words: "太长" });
  on.network.answers["POST /web/messages"] = () => json({ code: "stopping", message: "稍等" }, 503);
  on.connection.say("短");
  await settle();
  expect(on.view.entries[1]).toMatchObject({ state: "waiting", words: "稍等" });
  on.network.answers["POST /web/messages"] = () => json({ seq: 3 }, 202);
  await vi.advanceTimersByTimeAsync(1_000);
  await settle();
  expect(on.view.entries.map((entry) => entry.state)).toContain("sent");
});

test("a reset replaces what was shown", async () => {
  const { on, polls } = await scene(false);
  await polls.give({ messages: [message(1), message(2)] });
  await polls.give({ reset: true, level: 2, customer: "王*", messages: [message(9)], view: "c.2" });
  expect(on.texts()).toEqual(["text 9:sent"]);
  expect(on.view).toMatchObject({ level: 2, customer: "王*" });
  expect(polls.urls[2]).toContain("after=9");
  expect(polls.urls[2]).toContain("view=c.2");
});

test("an unknown session is replaced", async () => {
  const { on, polls } = await scene(false);
  await polls.give();
  on.network.answers["POST /web/messages"] = () => json({ code: "session_unknown" }, 401);
  on.connection.say("一");
  await settle();
  expect(on.network.sessions).toBe(2);
});

test("a failing network is waited out", async () => {
  const { on, polls } = await scene(false);
  await polls.give();
  on.network.answers["POST /web/messages"] = () => {
    throw new TypeError("network");
  };
  on.connection.say("一");
  await settle();
  expect(on.view.link).toBe("waiting");
  expect(on.texts()).toEqual(["一:waiting"]);
});

test("while polling, a socket that opens again is taken", async () => {
  const { on, polls } = await scene(true);
  await polls.give();
  FakeSocket.refusing = false;
  const before = FakeSocket.all.length;
  const poll = setInterval(() => void polls.give(), 20_000); // the server ends each poll in time
  await vi.advanceTimersByTimeAsync(61_000);
  clearInterval(poll);
  expect(FakeSocket.all.length).toBe(before + 1);
  FakeSocket.last.open();
  await settle();
  expect(FakeSocket.all.length).toBe(before + 2);
  FakeSocket.last.open().ready();
  expect(on.view).toMatchObject({ link: "online", byPoll: false });
});
