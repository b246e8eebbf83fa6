import type { Resource } from '../resource.js';
import { T } from '../strings.js';
import { Empty } from './empty.js';

/** In place of what is not there yet, or could not be had. */
export function Loading({ resource }: { resource: Pick<Resource<unknown>, 'fault' | 'reload'> }) {
  if (resource.fault === null) {
    return (
      <p class="loading muted" role="status">
        {T.loading}
      </p>
    );
  }
  return (
    <Empty icon="warning" title={T.failed}>
      <p role="alert">{resource.fault}</p>
      <p>
        <button type="button" onClick={resource.reload}>
          {T.again}
        </button>
      </p>
    </Empty>
  );
}
