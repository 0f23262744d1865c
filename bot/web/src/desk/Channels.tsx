import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./context";
import { clock } from "./format";
import { t } from "./words";

interface Channel {
  name: string;
  states: Record<string, number>;
  window_hours: number | null;
  quota: number | null;
  per_second: number;
}
interface Lost {
  message_id: string;
  channel: string;
  state: string;
  reason: string | null;
  attempts: number;
  created_at: string;
  conversation_id: string;
}

const STATES = ["queued", "sent", "delivered", "read", "failed", "expired", "dead"];

/** Every platform at a glance, and the replies that did not arrive, to be sent again. */
export function Channels() {
  const desk = useDesk();
  const [channels, setChannels] = useState<Channel[]>([]);
  const [lost, setLost] = useState<Lost[]>([]);
  const [state, setState] = useState("");
  const [told, setTold] = useState("");
  const load = () =>
    void desk.try(async () => {
      setChannels((await desk.api.get<{ channels: Channel[] }>("/desk/api/channels")).channels);
      setLost((await desk.api.get<{ deliveries: Lost[] }>(`/desk/api/deliveries${state ? `?state=${state}` : ""}`)).deliveries);
    });
  useEffect(load, [state]);
  const again = (one: Lost) =>
    void desk.try(async () => {
      const done = await desk.api.post<{ channel: string }>(`/desk/api/deliveries/${one.message_id}/replay`);
      setTold(t("channels.queued", { channel: done.channel }));
      load();
    });
  return (
    <main class="page">
      <section>
        <h2>{t("channels.title")}</h2>
        {channels.length === 0 ? (
          <p class="empty">{t("channels.none")}</p>
        ) : (
          <table>
            <thead>
              <tr>
                <th>{t("channels.name")}</th>
                {STATES.map((one) => (
                  <th key={one} class="number">{t(`delivery.${one}`)}</th>
                ))}
                <th>{t("channels.limits")}</th>
              </tr>
            </thead>
            <tbody>
              {channels.map((one) => (
                <tr key={one.name}>
                  <td>{one.name}</td>
                  {STATES.map((each) => (
                    <td key={each} class="number">{one.states[each] ?? 0}</td>
                  ))}
                  <td>{limits(one)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section>
        <h2>{t("channels.lost")}</h2>
        <label>
          {t("channels.show")}{" "}
          <select value={state} onChange={(event) => setState(event.currentTarget.value)}>
            {["", "dead", "failed", "expired"].map((one) => (
              <option key={one} value={one}>
                {one ? t(`delivery.${one}`) : t("channels.all")}
              </option>
            ))}
          </select>
        </label>
        {told && <p role="status">{told}</p>}
        {lost.length === 0 ? (
          <p class="empty">{t("channels.nothing")}</p>
        ) : (
          <table>
            <tbody>
              {lost.map((one) => (
                <tr key={one.message_id}>
                  <td>{clock(one.created_at)}</td>
                  <td>{one.channel}</td>
                  <td>{t(`delivery.${one.state}`)}</td>
                  <td>{one.reason ?? ""}</td>
                  <td class="number">{t("channels.tries", { n: one.attempts })}</td>
                  <td>
                    <button type="button" onClick={() => again(one)}>{t("channels.again")}</button>{" "}
                    <button type="button" onClick={() => { desk.view.value = "inbox"; desk.select(one.conversation_id); }}>{t("channels.open")}</button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </main>
  );
}

function limits(one: Channel): string {
  const parts = [t("channels.second", { n: one.per_second })];
  if (one.window_hours) parts.push(t("channels.window", { n: one.window_hours }));
  if (one.quota) parts.push(t("channels.quota", { n: one.quota }));
  return parts.join(" · ");
}
