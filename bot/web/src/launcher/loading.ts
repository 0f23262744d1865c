// Brings the core: one script from our own server, under the host page's Content-Security-Policy.

import type { Begin } from "./contract";

declare const __CORE__: string; // the built name of the core, with the hash of its content

interface Policy {
  createScriptURL(address: string): string;
}

/** The core's entrance; rejects when the script does not come, and may then be asked again. */
export function fetchCore(server: string, nonce: string): Promise<Begin> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.async = true;
    if (nonce) script.nonce = nonce;
    script.onload = () => {
      const found = (window as unknown as { DaihouWidget?: { begin: Begin } }).DaihouWidget;
      if (found) resolve(found.begin);
      else reject(new Error("no core"));
    };
    script.onerror = () => {
      script.remove();
      reject(new Error("not loaded"));
    };
    script.src = trusted(`${server}/${__CORE__}`);
    document.head.appendChild(script);
  });
}

/** Pages that enforce Trusted Types allow the policy `daihou`. */
function trusted(address: string): string {
  const types = (window as unknown as { trustedTypes?: { createPolicy(name: string, rules: object): Policy } }).trustedTypes;
  try {
    return types ? types.createPolicy("daihou", { createScriptURL: (one: string) => one }).createScriptURL(address) : address;
  } catch {
    return address; // the page does not allow the policy: where it does not enforce Trusted Types, a plain address will do
  }
}
