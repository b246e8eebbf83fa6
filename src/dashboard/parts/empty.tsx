import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.js';

/** Says that there is nothing yet, and how something comes to be there. */
export function Empty(props: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={props.icon} />
      <p class="empty-title">{props.title}</p>
      <div class="muted">{props.children}</div>
    </div>
  );
}
