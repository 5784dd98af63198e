/* What letters are to a plain text, and where its sentences end without a space.
 *
 * What the classes mean and which letters have them is said in `plain.py`. A text is plain when it
 * has no letter that is suspect and its spaces stand singly, between other letters. The joints
 * found in it are those that `records.py` finds with its pattern.
 */

#ifndef PLAIN_H
#define PLAIN_H

#include <Python.h>
#include <stdint.h>

enum { SUSPECT, OTHER, WORD, LOWER, CAPITAL, STOP, SIGN, CLOSING, QUOTE, COMMA, SPACE, BREAK,
       MARKUP };

typedef struct {
    const uint8_t *classes; /* of each letter; none is suspect */
    Py_ssize_t length;
} Text;

static int at(const Text *text, Py_ssize_t place) {
    return place >= 0 && place < text->length ? text->classes[place] : OTHER;
}

static int is_word(int kind) { return kind == WORD || kind == LOWER || kind == CAPITAL; }

/* Tell whether a tag or an entity may begin with a sign that such a letter follows. */
static int is_markup(uint32_t next) {
    return next == '/' || next == '#' || ((next | 0x20) >= 'a' && (next | 0x20) <= 'z');
}

static int is_blank(int kind) { return kind == SPACE || kind == BREAK; }

/* Tell whether a word that begins with a capital follows without a space. */
static int word_follows(const Text *text, Py_ssize_t place) {
    place += at(text, place) == QUOTE;
    if (at(text, place++) != CAPITAL) return 0;
    while (at(text, place) == LOWER) place++;
    return is_blank(at(text, place)) || at(text, place) == COMMA;
}

/* Tell whether a sentence ends with the sign at a place: a word and its sign, or a quotation. */
static int ends_sentence(const Text *text, Py_ssize_t place) {
    Py_ssize_t start = place;
    if (at(text, place) != CLOSING && at(text, place - 1) == CLOSING)
        return is_word(at(text, place - 2));
    if (at(text, place) != STOP) return is_word(at(text, place - 1));
    while (at(text, start - 1) == LOWER) start--;
    return place - start >= 2 && !is_word(at(text, start - 1));
}

/* Tell whether a sign is a joint: a sentence ends with it, and the next begins without a space. */
static int is_joint(const Text *text, Py_ssize_t place) {
    int kind = text->classes[place];
    return kind >= STOP && kind <= CLOSING && word_follows(text, place + 1) &&
           ends_sentence(text, place);
}

/* Tell whether the spaces around a place are as they should be. */
static int is_tidy(const Text *text, Py_ssize_t place) {
    int kind = text->classes[place], before = at(text, place - 1);
    if (place == 0 || place == text->length - 1) return 0;
    if (kind == SPACE) return !is_blank(before);
    return before != SPACE && !(before == BREAK && at(text, place - 2) == BREAK);
}

#endif
