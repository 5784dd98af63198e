/* What searches have in common: a clock that is looked at now and then, and memory that stays. */

#include "_search.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

int late(Clock *clock, int64_t work) {
    struct timespec now;
    clock->steps += work;
    if (clock->steps < PATIENCE) return 0;
    clock->steps = 0;
    if (clock->deadline == INFINITY) return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return !((double)now.tv_sec + (double)now.tv_nsec * 1e-9 <= clock->deadline);
}

void *page(Pool *pool) {
    if (pool->used == pool->count) {
        if (pool->count == pool->room) {
            int64_t room = pool->room ? 2 * pool->room : 8;
            void **grown = realloc(pool->pages, (size_t)room * sizeof(void *));
            if (!grown) return NULL;
            pool->pages = grown;
            pool->room = room;
        }
        void *fresh = calloc(1, pool->size);
        if (!fresh) return NULL;
        pool->pages[pool->count++] = fresh;
    }
    return pool->pages[pool->used++];
}

void *room_in(Room *room, size_t size) {
    if (size < room->size) return room->items;
    void *grown = realloc(room->items, 2 * size + 4096);
    if (!grown) return NULL;
    room->items = grown;
    room->size = 2 * size + 4096;
    return grown;
}

Workspace *new_workspace(void) {
    Workspace *space = calloc(1, sizeof *space);
    if (!space) return NULL;
    space->bitmaps.size = WORDS * sizeof(uint64_t);
    space->arrays.size = CHUNK * sizeof(uint16_t);
    space->lists.size = (CHUNK + 1) * sizeof(uint16_t);
    space->bytes.size = CHUNK;
    space->scores.size = CHUNK * sizeof(float);
    return space;
}

static void free_pool(Pool *pool) {
    for (int64_t i = 0; i < pool->count; i++) free(pool->pages[i]);
    free(pool->pages);
}

void free_workspace(Workspace *space) {
    if (!space) return;
    free_pool(&space->bitmaps);
    free_pool(&space->arrays);
    free_pool(&space->lists);
    free_pool(&space->bytes);
    free_pool(&space->scores);
    free(space->positions);
    free(space->kept);
    free(space->rows.items);
    free(space->found.items);
    free(space->occurrences.items);
    free(space->marks);
    free(space);
}
