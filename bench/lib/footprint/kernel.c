/*
 * The limit: one-minute footprints of a tape in columns on one core, with what a compiler can do for it.
 *
 * usage: kernel TAPE PASSES (at least 2)
 * TAPE: int64 n, int64 interval_ms, then n float64 times (ms), n int32 ticks, n int32 lots, n int8 sides (1, -1).
 * Prints the mean seconds of a pass without the first one, on the clock and of the processor, and a checksum of each part of the result (the parts of digest.ts).
 *
 * Like the TypeScript engine: a dense ladder a bar, two slots a tick; phases that stay in registers; sums that are
 * bounded before they are packed. Unlike it: nothing is validated, the memory of the result is reused by each pass.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  int64_t start_ms, min_delta, max_delta, buy, sell, value;
  int32_t open, high, low, close, trades, poc, vah, val, first_row;
} Bar;

typedef struct {
  int64_t buy, sell;
  int32_t price, buys, sells, flags;
} Row;

/* A slot packs lots (40 bits) and a count of prints (24 bits) into one addition. */
#define COUNT_SHIFT 40
#define LOTS_MASK ((1LL << COUNT_SHIFT) - 1)

static void die(const char *what) {
  fprintf(stderr, "kernel: %s\n", what);
  exit(1);
}

static void *room(size_t bytes) {
  void *p = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
  if (!p) die("no memory");
  memset(p, 0, (bytes + 63) & ~(size_t)63);
  return p;
}

/* Galloping search for the first time at or after end. */
static size_t find_end(const double *time, size_t n, size_t from, double end) {
  size_t low = from, step = 256;
  while (low + step < n && time[low + step] < end) {
    low += step;
    step *= 2;
  }
  size_t high = low + step < n ? low + step : n;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (time[middle] < end) low = middle + 1;
    else high = middle;
  }
  return low;
}

static void range_of(const int32_t *restrict ticks, size_t n, int32_t *low, int32_t *high) {
  int32_t lo = ticks[0], hi = ticks[0];
  for (size_t i = 1; i < n; i++) {
    lo = ticks[i] < lo ? ticks[i] : lo;
    hi = ticks[i] > hi ? ticks[i] : hi;
  }
  *low = lo;
  *high = hi;
}

static void scatter(int64_t *restrict slots, const int32_t *restrict ticks, const int32_t *restrict lots,
                    const int8_t *restrict side, size_t n, int32_t base) {
  for (size_t i = 0; i < n; i++) {
    size_t slot = (size_t)(ticks[i] - base) * 2 + (side[i] < 0);
    slots[slot] += (1LL << COUNT_SHIFT) + lots[i];
  }
}

static void deltas(const int32_t *restrict lots, const int8_t *restrict side, size_t n, int64_t *low, int64_t *high) {
  int64_t delta = 0, lo = 0, hi = 0;
  for (size_t i = 0; i < n; i++) {
    delta += (int64_t)lots[i] * side[i];
    lo = delta < lo ? delta : lo;
    hi = delta > hi ? delta : hi;
  }
  *low = lo;
  *high = hi;
}

/* Most volume; among equals the nearest to the middle, then the lower. */
static int32_t poc_of(const int64_t *restrict volume, int32_t rows) {
  int64_t most = 0;
  for (int32_t i = 0; i < rows; i++) most = volume[i] > most ? volume[i] : most;
  int32_t best = -1;
  for (int32_t i = 0; i < rows; i++) {
    if (volume[i] != most) continue;
    if (best < 0 || abs(2 * i - rows + 1) < abs(2 * best - rows + 1)) best = i;
  }
  return best;
}

/* 70 %, two rows at a time on the side with more volume, the upper one when equal. */
static void area_of(const int64_t *restrict volume, int32_t rows, int64_t total, Bar *bar) {
  int32_t poc = poc_of(volume, rows), low = poc, high = poc;
  int64_t target = (total * 7 + 9) / 10, held = volume[poc];
  while (held < target && (low > 0 || high < rows - 1)) {
    int64_t up = 0, down = 0;
    for (int32_t i = high + 1; i <= high + 2 && i < rows; i++) up += volume[i];
    for (int32_t i = low - 1; i >= low - 2 && i >= 0; i--) down += volume[i];
    if (low == 0 || (high < rows - 1 && up >= down)) {
      high = high + 2 < rows - 1 ? high + 2 : rows - 1;
      held += up;
    } else {
      low = low - 2 > 0 ? low - 2 : 0;
      held += down;
    }
  }
  while (volume[high] == 0) high--;
  while (volume[low] == 0) low++;
  bar->poc = bar->low + poc;
  bar->vah = bar->low + high;
  bar->val = bar->low + low;
}

/* Rows that traded with their imbalances, from the dense ladder. */
static size_t rows_of(const int64_t *restrict slots, int64_t *restrict volume, int32_t span, Row *restrict rows, Bar *bar) {
  size_t out = 0;
  int64_t buy_sum = 0, sell_sum = 0, value = 0;
  for (int32_t i = 0; i < span; i++) {
    int64_t b = slots[2 * i], s = slots[2 * i + 1];
    int64_t buy = b & LOTS_MASK, sell = s & LOTS_MASK;
    volume[i] = buy + sell;
    if (!(b | s)) continue;
    buy_sum += buy;
    sell_sum += sell;
    value += (buy + sell) * i;
    int32_t flags = 0;
    if (i > 0 && buy > 3 * (slots[2 * i - 1] & LOTS_MASK)) flags |= 1;
    if (i < span - 1 && sell > 3 * (slots[2 * i + 2] & LOTS_MASK)) flags |= 2;
    rows[out++] = (Row){buy, sell, bar->low + i, (int32_t)(b >> COUNT_SHIFT), (int32_t)(s >> COUNT_SHIFT), flags};
  }
  bar->buy = buy_sum;
  bar->sell = sell_sum;
  bar->value = value;
  return out;
}

typedef struct { uint32_t hash; } Digest;
static void add(Digest *d, int64_t value) {
  d->hash = (d->hash ^ (uint32_t)value) * 0x01000193u;
  d->hash = (d->hash ^ (uint32_t)(value >> 32)) * 0x01000193u;
}

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void print_digests(const Bar *bars, size_t count, const Row *rows, double seconds, double cpu_seconds) {
  const Digest seed = {0x811c9dc5u};
  Digest ladder = seed, counts = seed, ohlc = seed, delta = seed, area = seed, marks = seed;
  for (size_t i = 0; i < count; i++) {
    const Bar *bar = &bars[i];
    const int32_t prices[] = {bar->open, bar->high, bar->low, bar->close, bar->trades};
    for (int j = 0; j < 5; j++) add(&ohlc, prices[j]);
    add(&delta, bar->min_delta);
    add(&delta, bar->max_delta);
    add(&area, bar->poc);
    add(&area, bar->vah);
    add(&area, bar->val);
    for (int32_t r = bar->first_row; r < bars[i + 1].first_row; r++) {
      add(&ladder, bar->start_ms);
      add(&ladder, rows[r].price);
      add(&ladder, rows[r].buy);
      add(&ladder, rows[r].sell);
      add(&counts, rows[r].buys);
      add(&counts, rows[r].sells);
      add(&marks, rows[r].flags);
    }
  }
  printf("{\"seconds\":%.9f,\"cpuSeconds\":%.9f,\"bars\":%zu,\"digests\":{\"ladder\":%u,\"counts\":%u,\"ohlc\":%u,\"delta\":%u,\"area\":%u,"
         "\"marks\":%u}}\n",
         seconds, cpu_seconds, count, ladder.hash, counts.hash, ohlc.hash, delta.hash, area.hash, marks.hash);
}

int main(int argc, char **argv) {
  if (argc != 3) die("usage: kernel TAPE PASSES");
  FILE *file = fopen(argv[1], "rb");
  if (!file) die("the tape cannot be read");
  int64_t head[2];
  if (fread(head, 8, 2, file) != 2) die("the tape is too short");
  const size_t n = (size_t)head[0];
  const int64_t interval = head[1];
  double *time = room(n * 8);
  int32_t *ticks = room(n * 4), *lots = room(n * 4);
  int8_t *side = room(n);
  if (fread(time, 8, n, file) != n || fread(ticks, 4, n, file) != n || fread(lots, 4, n, file) != n ||
      fread(side, 1, n, file) != n)
    die("the tape is too short");
  fclose(file);

  size_t span_room = 1 << 12;
  const size_t bar_room = (size_t)((time[n - 1] - time[0]) / (double)interval) + 3;
  int64_t *slots = room(span_room * 16), *volume = room(span_room * 8);
  Bar *bars = room(bar_room * sizeof(Bar));
  Row *rows = room((n + 1) * sizeof(Row));
  size_t count = 0;
  double begin = 0, cpu_begin = 0;
  const int passes = atoi(argv[2]);
  if (passes < 2 || n == 0) die("nothing to time");
  for (int pass = 0; pass < passes; pass++) {
    if (pass == 1) {
      begin = now(CLOCK_MONOTONIC);
      cpu_begin = now(CLOCK_PROCESS_CPUTIME_ID);
    }
    size_t row = 0;
    count = 0;
    for (size_t from = 0; from < n;) {
      const int64_t start = (int64_t)time[from] / interval * interval;
      const size_t to = find_end(time, n, from, (double)(start + interval)), prints = to - from;
      Bar *bar = &bars[count++];
      bar->start_ms = start;
      bar->open = ticks[from];
      bar->close = ticks[to - 1];
      bar->trades = (int32_t)prints;
      bar->first_row = (int32_t)row;
      range_of(ticks + from, prints, &bar->low, &bar->high);
      const size_t span = (size_t)(bar->high - bar->low) + 1;
      if (span > span_room) {
        while (span > span_room) span_room *= 2;
        free(slots);
        free(volume);
        slots = room(span_room * 16);
        volume = room(span_room * 8);
      }
      int64_t total = 0;
      for (size_t i = from; i < to; i++) total += lots[i];
      if (total > LOTS_MASK || prints >= 1 << 23) die("a bar does not fit the packed slots");
      scatter(slots, ticks + from, lots + from, side + from, prints, bar->low);
      deltas(lots + from, side + from, prints, &bar->min_delta, &bar->max_delta);
      row += rows_of(slots, volume, (int32_t)span, rows + row, bar);
      area_of(volume, (int32_t)span, total, bar);
      memset(slots, 0, span * 16);
      from = to;
    }
    bars[count].first_row = (int32_t)row;
  }
  const double timed = passes - 1;
  print_digests(bars, count, rows, (now(CLOCK_MONOTONIC) - begin) / timed,
                (now(CLOCK_PROCESS_CPUTIME_ID) - cpu_begin) / timed);
  return 0;
}
