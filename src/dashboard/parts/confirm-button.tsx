import { useState } from 'preact/hooks';
import { Icon, type IconName } from './icon.js';

interface ConfirmButtonProps {
  readonly icon: IconName;
  readonly text: string;
  /** What it says once it was pressed: the next press does it. */
  readonly really: string;
  readonly onConfirm: () => void;
}

/** For what cannot be undone: it takes two presses. */
export function ConfirmButton({ icon, text, really, onConfirm }: ConfirmButtonProps) {
  const [isArmed, setArmed] = useState(false);
  const press = () => {
    setArmed(!isArmed);
    if (isArmed) onConfirm();
  };
  return (
    <button
      type="button"
      class={isArmed ? 'danger armed' : 'danger'}
      onClick={press}
      onBlur={() => setArmed(false)}
    >
      <Icon name={icon} /> {isArmed ? really : text}
    </button>
  );
}
