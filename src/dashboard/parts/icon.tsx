/** Strokes of 24 by 24. */
const PATHS = {
  mark: 'M3 12v0M7.5 8v8M12 3.5v17M16.5 8.5v7M21 12v0',
  pulse: 'M3 12h4l3-8 4 16 3-8h4',
  ear: 'M7 17.5c1 3 5 3 6-.5.7-2.4 4-3.5 4-8a5.5 5.5 0 0 0-11 0M9.5 9.500a2.5 2.5 0 0 1 5 0c0 2-2.5 2-2.5 4',
  sliders: 'M5 4v5M5 13v7M12 4v9M12 17v3M19 4v2M19 10v10M3 11h4M10 15h4M17 8h4',
  bolt: 'M13 3 5 14h6l-1 7 8-11h-6z',
  words: 'M4 6h16M4 12h10M4 18h7M18 14v6M15 17h6',
  gear: 'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.600l2.1 2.100M16.3 16.300l2.1 2.100M18.4 5.600l-2.1 2.100M7.7 16.300l-2.1 2.1',
  flask: 'M9 3h6M10 3v6l-5 9a2 2 0 0 0 1.8 3h10.400a2 2 0 0 0 1.8-3l-5-9V3M7.5 15h9',
  mic: 'M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3M5 11a7 7 0 0 0 14 0M12 18v3',
  micOff:
    'M4 4l16 16M9 9v3a3 3 0 0 0 4.5 2.600M15 11V6a3 3 0 0 0-5.7-1.300M5 11a7 7 0 0 0 10.5 6M19 11a7 7 0 0 1-.7 3M12 18v3',
  gate: 'M4 20V9a8 8 0 0 1 16 0v11M8 20v-9M12 20V10M16 20v-9M3 20h18',
  brain:
    'M12 5a3 3 0 0 0-5.7 1.300A3.5 3.5 0 0 0 5 12.5 3.5 3.5 0 0 0 8 18a3 3 0 0 0 4 1.500M12 5a3 3 0 0 1 5.7 1.300A3.5 3.5 0 0 1 19 12.5 3.5 3.5 0 0 1 16 18a3 3 0 0 1-4 1.500M12 5v14.5',
  warning: 'M12 4 2.5 20h19zM12 10v5M12 17.500v.1',
  offline:
    'M3 3l18 18M5 12.500a10 10 0 0 1 4-2.400M19 12.500a10 10 0 0 0-5-2.700M8.5 16a5 5 0 0 1 6 0M12 19.500v.1M2 8.800A15 15 0 0 1 6.5 6M22 8.800A15 15 0 0 0 11 5',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2.500M12 19.500V22M2 12h2.500M19.5 12H22M5 5l1.7 1.700M17.3 17.3 19 19M19 5l-1.7 1.700M6.7 17.3 5 19',
  moon: 'M20 14.500A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5',
  screen: 'M3 5h18v11H3zM8 20h8M12 16v4',
  play: 'M7 4.500v15l12-7.500z',
  pause: 'M8 5v14M16 5v14',
  stop: 'M6 6h12v12H6z',
  check: 'M4 12.5 9.5 18 20 6.5',
  cross: 'M5 5l14 14M19 5 5 19',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  undo: 'M4 9h10a6 6 0 0 1 0 12h-3M4 9l4-4M4 9l4 4',
  plus: 'M12 5v14M5 12h14',
  record: 'M12 6a6 6 0 1 0 0 12 6 6 0 0 0 0-12',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  house: 'M3 11.5 12 4l9 7.500M6 9.500V20h12V9.5',
  rooms: 'M4 20V4h9v16M13 9h7v11M4 20h17M8 8h1M8 12h1M16.5 13h.1M16.5 16.500h.1',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  upload: 'M12 16V4M7 9l5-5 5 5M4 16v4h16v-4',
  improve: 'M4 18l6-6 4 4 7-8M21 8v5M21 8h-5',
} as const;

export type IconName = keyof typeof PATHS;

/** For the eye only: what it says stands in words next to it, or in the name of its button. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
