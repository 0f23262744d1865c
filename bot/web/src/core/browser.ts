// The browser's own store, which its settings may forbid or fill up: then choices live as long as the page.

export function browserStore(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export function recall(key: string): string | null {
  try {
    return browserStore()?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null) browserStore()?.removeItem(key);
    else browserStore()?.setItem(key, value);
  } catch {
    return;
  }
}
