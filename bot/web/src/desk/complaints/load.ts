import { useEffect, useState } from "preact/hooks";
import { Refused } from "../api";
import { useDesk } from "../context";
import { t } from "../words";

export interface Loaded<T> {
  data: T | null;
  failed: string;
  busy: boolean;
  again: () => void;
}

/** A GET shown in place: what came, why it did not, and a way to ask again. An answer to an older path is dropped. */
export function useLoad<T>(path: string): Loaded<T> {
  const desk = useDesk();
  const [round, setRound] = useState(0);
  const [seen, setSeen] = useState<{ data: T | null; failed: string; busy: boolean }>({ data: null, failed: "", busy: true });
  useEffect(() => {
    let live = true;
    setSeen((before) => ({ data: before.data, failed: "", busy: true }));
    desk.api.get<T>(path).then(
      (data) => live && setSeen({ data, failed: "", busy: false }),
      (error: unknown) => live && setSeen({ data: null, failed: reason(error), busy: false }),
    );
    return () => {
      live = false;
    };
  }, [path, round]);
  return { ...seen, again: () => setRound((n) => n + 1) };
}

export function reason(error: unknown): string {
  if (!(error instanceof Refused)) return t("learning.offline");
  const known = t(`learning.error.${error.code}`);
  return known.startsWith("learning.error.") ? error.message || t("learning.refused") : known;
}
