// Speech into words where the browser can: they land in the composer, to be read and corrected, and are never sent by themselves.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Key } from "../i18n";
import { useChat } from "./context";
import { Icon } from "./Icon";

interface Heard {
  results: ArrayLike<ArrayLike<{ transcript: string }>>;
}

interface Recognition {
  lang: string;
  interimResults: boolean;
  continuous: boolean;
  onresult: ((event: Heard) => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
  start(): void;
  stop(): void;
  abort(): void;
}

type Maker = new () => Recognition;

/** The browser's recogniser, under either of its names. */
function maker(): Maker | undefined {
  const known = window as unknown as { SpeechRecognition?: Maker; webkitSpeechRecognition?: Maker };
  return known.SpeechRecognition ?? known.webkitSpeechRecognition;
}

/** What is said is added after what is written. `tell` shows a line above the composer. */
export function Voice({ tell }: { tell: (words: Key | null) => void }) {
  const chat = useChat();
  const running = useRef<Recognition | null>(null);
  const [on, setOn] = useState(false);
  const Made = chat.options.voice ? maker() : undefined;
  useEffect(() => () => running.current?.abort(), []);
  if (!Made) return null;

  const begin = () => {
    const one = new Made();
    const before = chat.draft.value;
    let failed: Key | null = null;
    one.lang = chat.language.value === "en" ? "en-US" : chat.language.value;
    one.interimResults = true;
    one.continuous = false;
    one.onresult = ({ results }) => {
      const heard = Array.from(results, (result) => result[0]?.transcript ?? "").join("");
      chat.draft.value = before + heard;
    };
    one.onerror = ({ error }) => {
      if (error !== "aborted") failed = error === "not-allowed" || error === "service-not-allowed" ? "voice.denied" : "voice.failed";
    };
    one.onend = () => {
      running.current = null;
      setOn(false);
      tell(failed ?? (chat.draft.value === before ? null : "voice.note"));
      chat.refocus();
    };
    try {
      one.start();
    } catch {
      return tell("voice.failed");
    }
    running.current = one;
    setOn(true);
    tell("voice.listening");
  };
  return (
    <button type="button" class="voice" aria-pressed={on} aria-label={chat.t(on ? "voice.stop" : "voice")} onClick={() => (on ? running.current?.stop() : begin())}>
      <Icon name="mic" />
    </button>
  );
}
