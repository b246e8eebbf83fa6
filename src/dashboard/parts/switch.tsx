interface SwitchProps {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  /** What it is called; or the id of what names it. */
  readonly label?: string;
  readonly labelledBy?: string;
  readonly disabled?: boolean;
}

export function Switch({ isOn, onChange, label, labelledBy, disabled = false }: SwitchProps) {
  return (
    <input
      type="checkbox"
      role="switch"
      class="switch"
      checked={isOn}
      aria-checked={isOn}
      disabled={disabled}
      {...(label && { 'aria-label': label })}
      {...(labelledBy && { 'aria-labelledby': labelledBy })}
      onChange={({ currentTarget }) => onChange(currentTarget.checked)}
    />
  );
}
