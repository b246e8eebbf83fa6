/** How many requests are in progress; each plugin of routes keeps its own number. */
export interface Activity {
  /** Subscribers of events, over WebSockets and Server-Sent Events. */
  subscribers: number;
  /** Streams that are sent over WebSockets. */
  streams: number;
  /** Requests to /v1/detect. */
  detections: number;
}

export function noActivity(): Activity {
  return { subscribers: 0, streams: 0, detections: 0 };
}
