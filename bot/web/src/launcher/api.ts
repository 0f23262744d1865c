// window.Daihou: what a host page may do, and what it is told. See PROTOCOL.md.

import type { Core, EventName } from "./contract";

export interface DaihouApi {
  open(): void;
  close(): void;
  /** Open the conversation and say something for the borrower, who has just chosen it on the page. */
  say(text: string): void;
  /** A token of the lender's own login (see PROTOCOL.md, identity). */
  identify(token: string): void;
  /** End the conversation in this browser and begin as a stranger. */
  forget(): Promise<void>;
  setLanguage(tag: string): void;
  /** Be told of an event; calling the answer ends that. */
  on(name: EventName, job: (detail: unknown) => void): () => void;
  readonly language: string;
}

export interface Behind {
  open(): void;
  close(): void;
  core(): Promise<Core>;
  setLanguage(tag: string): void;
  language(): string;
}

/** Leave window.Daihou and say that it is there. */
export function publish(behind: Behind): void {
  const run = (job: (core: Core) => unknown) => void behind.core().then(job, () => undefined); // a failed load is told of as an event
  const api: DaihouApi = {
    open: behind.open,
    close: behind.close,
    say: (text) => {
      behind.open();
      run((core) => core.say(text));
    },
    identify: (token) => run((core) => core.identify(token)),
    forget: async () => (await behind.core()).forget(),
    setLanguage: behind.setLanguage,
    on: (name, job) => {
      const hear = (event: Event) => job((event as CustomEvent<unknown>).detail);
      window.addEventListener(`daihou:${name}`, hear);
      return () => window.removeEventListener(`daihou:${name}`, hear);
    },
    get language() {
      return behind.language();
    },
  };
  Object.assign(window, { Daihou: api });
  emit("ready");
}

export function emit(name: EventName, detail: unknown = null): void {
  window.dispatchEvent(new CustomEvent(`daihou:${name}`, { detail }));
}
