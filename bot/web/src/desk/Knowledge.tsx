import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./context";
import { t } from "./words";

interface Found {
  kind: string;
  title: string;
  text: string;
}

const AFTER = 250; // milliseconds without a key

export function Knowledge() {
  const desk = useDesk();
  const [words, setWords] = useState("");
  const [found, setFound] = useState<Found[]>([]);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (!words.trim()) return setFound([]);
      void desk.api
        .get<{ found: Found[] }>(`/desk/api/knowledge?q=${encodeURIComponent(words)}`)
        .then((answer) => setFound(answer.found))
        .catch(() => setFound([]));
    }, AFTER);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <section class="knowledge">
      <input id="knowledge" type="search" value={words} aria-label={t("knowledge")} placeholder={`${t("knowledge")}（s）`} onInput={(event) => setWords(event.currentTarget.value)} />
      <ul>
        {found.map((one) => (
          <li key={one.title}>
            <button type="button" disabled={!desk.mine} onClick={() => desk.write(one.text)}>
              <small>{one.title}</small>
              <span>{one.text}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
