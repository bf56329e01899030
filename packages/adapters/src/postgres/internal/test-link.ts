/** For tests: links to a server that lose, hold back or cut what goes over them. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';

/** Takes both ends of each connection, and passes on what it wants. */
export type PassOn = (near: Socket, far: Socket) => void;

/** Call at the top of a test file: gives links, which end with their test. */
export function useTestLinks(): (url: string, passOn: PassOn) => Promise<string> {
  const proxies: Server[] = [];
  const sockets = new Set<Socket>();
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    for (const proxy of proxies.splice(0)) proxy.close();
    sockets.clear();
  });
  return async (url, passOn) => {
    const target = new URL(url);
    const [port, host] = [Number(target.port), target.hostname];
    const proxy = createServer((near) => {
      const far = connect(port, host);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => (socket === near ? far : near).destroy());
      }
      passOn(near, far);
    });
    proxies.push(proxy.listen(0, '127.0.0.1'));
    await once(proxy, 'listening');
    target.port = String((proxy.address() as { port: number }).port);
    return target.href;
  };
}
