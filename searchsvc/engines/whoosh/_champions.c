#include "_champions.h"

#include <stdatomic.h>
#include <stdlib.h>

#define BUCKETS 512

struct Champions {
    _Atomic(Champion *) best;
};

int give_champions(Block *block) {
    block->champions = block->count > CHAMPIONS ? calloc(1, sizeof(Champions)) : NULL;
    return block->count > CHAMPIONS && !block->champions ? NO_MEMORY : FINE;
}

void drop_champions(Block *block) {
    if (block->champions) free(atomic_load(&block->champions->best));
    free(block->champions);
}

/* Give what at least CHAMPIONS postings are worth, and not many more. */
static float common_worth(const Block *block) {
    uint32_t counts[BUCKETS] = {0};
    float scale = block->bound > 1e-30f ? (BUCKETS - 1) / block->bound : 0;
    uint32_t above = 0;
    int bucket = BUCKETS;
    for (int32_t i = 0; i < block->count; i++) counts[(int)(block->impacts[i] * scale)]++;
    while (above < CHAMPIONS && bucket > 0) above += counts[--bucket];
    return bucket ? (float)bucket / scale * (1 - 1e-5f) : 0;
}

static void choose(const Block *block, Champion *best) {
    int32_t known = 0, place = -1;
    float least = common_worth(block);
    Walk walk = {block, 0, 0};
    for (;;) {
        place = next_worth(block->impacts, place + 1, block->count, least);
        if (place >= block->count) return;
        float impact = block->impacts[place];
        if (known == CHAMPIONS && impact <= best[CHAMPIONS - 1].impact) continue;
        int32_t at = known < CHAMPIONS ? known++ : CHAMPIONS - 1;
        for (; at > 0 && best[at - 1].impact < impact; at--) best[at] = best[at - 1];
        best[at] = (Champion){impact, (uint16_t)document_at(&walk, place)};
    }
}

const Champion *champions_of(const Block *block) {
    if (!block->champions) return NULL;
    Champion *known = atomic_load(&block->champions->best);
    if (known) return known;
    Champion *best = calloc(CHAMPIONS, sizeof(Champion));
    if (!best) return NULL;
    choose(block, best);
    if (atomic_compare_exchange_strong(&block->champions->best, &known, best)) return best;
    free(best); /* another thread was faster */
    return known;
}
