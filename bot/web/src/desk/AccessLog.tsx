import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./context";
import { clock } from "./format";
import { t } from "./words";

interface Access {
  access_id: string;
  staff_id: string;
  role: string;
  what: string;
  customer_id: string | null;
  purpose: string;
  at: string;
}

export function AccessLog() {
  const desk = useDesk();
  const [customer, setCustomer] = useState("");
  const [rows, setRows] = useState<Access[]>([]);
  useEffect(() => {
    const path = `/desk/api/access-log${customer ? `?customer=${encodeURIComponent(customer)}` : ""}`;
    void desk.try(() => desk.api.get<{ entries: Access[] }>(path)).then((found) => setRows(found?.entries ?? []));
  }, [customer]);
  return (
    <main class="page">
      <input type="search" value={customer} aria-label={t("log.whom")} placeholder={t("log.whom")} onChange={(event) => setCustomer(event.currentTarget.value.trim())} />
      <table>
        <thead>
          <tr>
            {["log.when", "log.who", "log.what", "log.whom", "log.why"].map((key) => (
              <th key={key}>{t(key)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.access_id}>
              <td>{clock(one.at)}</td>
              <td>{one.staff_id}</td>
              <td>{one.what}</td>
              <td>{one.customer_id ?? ""}</td>
              <td>{one.purpose}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </main>
  );
}
