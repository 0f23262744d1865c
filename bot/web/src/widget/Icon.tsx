// Line icons, drawn here so that nothing is fetched. They say nothing by themselves: the control has the label.

const PATHS = {
  chat: "M5 5.5h14a1.5 1.5 0 0 1 1.5 1.5v8.5A1.5 1.5 0 0 1 19 17h-6l-4.5 3.5V17H5a1.5 1.5 0 0 1-1.5-1.5V7A1.5 1.5 0 0 1 5 5.5ZM8 10h8M8 13h5",
  close: "M6 9.5 12 15.5 18 9.5",
  send: "M12 19V5.5M6 11l6-6 6 6",
  person: "M12 11.5a3.75 3.75 0 1 0 0-7.5 3.75 3.75 0 0 0 0 7.5ZM4.5 20c.6-3.6 3.6-5.5 7.5-5.5s6.900 1.900 7.500 5.500",
  lock: "M7 11V8.5a5 5 0 0 1 10 0V11M6.500 11h11a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1Z",
  check: "M5.5 12.500l4.200 4.200 8.800-9.200",
  alert: "M12 7.500v5.500M12 16.400v.1M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17Z",
  mic: "M12 14.500a3 3 0 0 0 3-3v-5a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3ZM6 11.500a6 6 0 0 0 12 0M12 17.500V21",
  up: "M8 10.500V20H5v-9.500ZM8 10.500 11.500 4c1.500 0 2.300 1 2.100 2.400L13.200 9.500h4.600c1.200 0 2 1 1.700 2.200l-1.600 6.700c-.2.900-1 1.600-2 1.600H8",
  down: "M8 13.500V4H5v9.500ZM8 13.500 11.500 20c1.500 0 2.300-1 2.100-2.400l-.4-3.100h4.600c1.200 0 2-1 1.700-2.200l-1.600-6.700c-.2-.9-1-1.600-2-1.600H8",
  type: "M3 18.500 8 6l5 12.500M4.700 14.500h6.600M14.500 18.500l3.200-8 3.300 8M15.600 16h4.300",
  latest: "M12 5v13.500M6 13l6 6 6-6",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
