import { Redis } from 'ioredis';

/** Tells the other instances that an epoch began, sooner than their next poll. Losing a message costs a poll, no more. */
export interface EpochChannel {
  subscribe(listener: () => void): void;
  announce(): Promise<void>;
  close(): Promise<void>;
}

const CHANNEL = 'sugit:1:epoca';

export function createRedisChannel(
  url: string,
  log: (message: string, error?: unknown) => void,
): EpochChannel {
  const options = { maxRetriesPerRequest: 1, connectTimeout: 300, lazyConnect: true };
  const sender = new Redis(url, { ...options, enableOfflineQueue: false, commandTimeout: 200 });
  const receiver = new Redis(url, options);
  let told = false;
  const note = (error: unknown): void => {
    if (!told) log('redis: las épocas se siguen por el almacén', error);
    told = true;
  };
  sender.on('error', note);
  receiver.on('error', note);
  void sender.connect().catch(note);
  return {
    subscribe: (listener) => {
      receiver.on('message', listener);
      void receiver.subscribe(CHANNEL).catch(note);
    },
    announce: async () => {
      await sender.publish(CHANNEL, '').catch(note);
    },
    close: () => {
      sender.disconnect();
      receiver.disconnect();
      return Promise.resolve();
    },
  };
}
