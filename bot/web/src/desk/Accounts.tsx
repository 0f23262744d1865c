import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./context";
import { clock } from "./format";
import { t } from "./words";

interface Account {
  session_id: string;
  channel: string;
  level: number;
  linked_to: string | null;
  active_at: string;
  sent_since: number;
  stopped_at: string | null;
}

/** The accounts through which a customer writes: what each has proven, what the platform still allows, and ending a link. */
export function Accounts({ conversation }: { conversation: string }) {
  const desk = useDesk();
  const [accounts, setAccounts] = useState<Account[]>([]);
  const [asked, setAsked] = useState("");
  const [reason, setReason] = useState("");
  const load = () =>
    void desk.try(() => desk.api.get<{ accounts: Account[] }>(`/desk/api/conversations/${conversation}/accounts`)).then((found) => setAccounts(found?.accounts ?? []));
  useEffect(load, [conversation]);
  const end = (session: string, mistake: boolean) =>
    void desk.try(async () => {
      await desk.api.post("/desk/api/links/end", { session_id: session, reason, mistake });
      setAsked("");
      setReason("");
      load();
    });
  return (
    <details open={accounts.length > 1}>
      <summary>
        {t("accounts.title")} <b>{accounts.length}</b>
      </summary>
      <ul class="records">
        {accounts.map((one) => (
          <li key={one.session_id}>
            {one.channel} · {t("accounts.level", { n: one.level })} · {clock(one.active_at)}
            {one.stopped_at && ` · ${t("accounts.stopped")}`}
            {one.sent_since > 0 && ` · ${t("accounts.sent", { n: one.sent_since })}`}
            {one.linked_to && (
              <>
                {" "}
                <button type="button" onClick={() => setAsked(asked === one.session_id ? "" : one.session_id)}>{t("accounts.unlink")}</button>
              </>
            )}
            {asked === one.session_id && (
              <p>
                <input aria-label={t("accounts.why")} placeholder={t("accounts.why")} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />{" "}
                <button type="button" disabled={reason.trim().length < 4} onClick={() => end(one.session_id, false)}>{t("accounts.hands")}</button>{" "}
                <button type="button" disabled={reason.trim().length < 4} onClick={() => end(one.session_id, true)}>{t("accounts.mistake")}</button>
              </p>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
