/** Decoders of files: like those of connections, and with an end. */
import type { FrameDecoder, FrameSink } from '../venue-feed.ts';

/** Reads one file, in order. One per file. */
export interface FileDecoder extends FrameDecoder {
  /** What {@link FrameDecoder.decode} takes: one line without its end, or the bytes of a DBN stream, cut anywhere. */
  readonly framing: 'lines' | 'dbn';
  /** What the end of the file completes or cuts off. Call once, after the last frame. */
  end(sink: FrameSink): void;
}
