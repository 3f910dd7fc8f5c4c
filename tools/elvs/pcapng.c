/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcapng - blocks and options of a capture file (pcapng.h). Numbers are in this machine's byte order, as the
 * section's byte-order magic says.
 */
#include <errno.h>
#include <string.h>

#include "pcapng.h"

#define BLOCK_SECTION 0x0A0D0D0Au
#define BLOCK_INTERFACE 1
#define BLOCK_PACKET 6
#define BYTE_ORDER_MAGIC 0x1A2B3C4Du
#define LINKTYPE_ETHERNET 1
#define OPT_END 0
#define OPT_COMMENT 1
#define OPT_SHB_USERAPPL 4
#define OPT_IF_NAME 2
#define OPT_IF_TSRESOL 9
#define OPT_EPB_FLAGS 2
#define TSRESOL_NANO 9

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static void put16(FILE *f, uint16_t v)
{
	fwrite(&v, sizeof(v), 1, f);
}

static void put32(FILE *f, uint32_t v)
{
	fwrite(&v, sizeof(v), 1, f);
}

static void put_padded(FILE *f, const void *data, size_t n)
{
	static const char zero[4];

	if (n)
		if (n)	/* the end of options has no data */
		fwrite(data, 1, n, f);
	fwrite(zero, 1, padded(n) - n, f);
}

static size_t option_len(size_t n)
{
	return 4 + padded(n);
}

static void put_option(FILE *f, uint16_t code, const void *data, size_t n)
{
	put16(f, code);
	put16(f, (uint16_t)n);
	put_padded(f, data, n);
}

static int result(const struct pcapng *w)
{
	return ferror(w->out) ? -EIO : 0;
}

int pcapng_begin(struct pcapng *w, FILE *out, uint32_t snap_len, const char *program)
{
	uint32_t len = (uint32_t)(28 + option_len(strlen(program)) + 4);

	*w = (struct pcapng){ .out = out, .snap_len = snap_len };
	put32(out, BLOCK_SECTION);
	put32(out, len);
	put32(out, BYTE_ORDER_MAGIC);
	put16(out, 1);
	put16(out, 0);
	put32(out, 0xffffffff); /* length of the section: not known, 64 bits of ones */
	put32(out, 0xffffffff);
	put_option(out, OPT_SHB_USERAPPL, program, strlen(program));
	put_option(out, OPT_END, NULL, 0);
	put32(out, len);
	return result(w);
}

static void describe(struct pcapng *w, const char *name)
{
	const uint8_t resolution = TSRESOL_NANO;
	uint32_t len = (uint32_t)(20 + option_len(strlen(name)) + option_len(1) + 4);

	put32(w->out, BLOCK_INTERFACE);
	put32(w->out, len);
	put16(w->out, LINKTYPE_ETHERNET);
	put16(w->out, 0);
	put32(w->out, w->snap_len);
	put_option(w->out, OPT_IF_NAME, name, strlen(name));
	put_option(w->out, OPT_IF_TSRESOL, &resolution, 1);
	put_option(w->out, OPT_END, NULL, 0);
	put32(w->out, len);
}

static uint32_t interface_id(struct pcapng *w, uint32_t ifindex, const char *name)
{
	unsigned int i;

	for (i = 0; i < w->interfaces; i++) {
		if (w->ifindex[i] == ifindex)
			return i;
	}
	if (w->interfaces == PCAPNG_INTERFACES) /* more than anybody has: the last one stands for the rest */
		return PCAPNG_INTERFACES - 1;
	w->ifindex[w->interfaces] = ifindex;
	describe(w, name);
	return w->interfaces++;
}

int pcapng_interface(struct pcapng *w, uint32_t ifindex, const char *name)
{
	interface_id(w, ifindex, name);
	return result(w);
}

int pcapng_packet(struct pcapng *w, const struct pcapng_packet *p)
{
	uint32_t id = interface_id(w, p->ifindex, p->ifname), flags = p->outbound ? 2 : 1, len;
	size_t comment = p->comment ? strlen(p->comment) : 0;

	len = (uint32_t)(32 + padded(p->captured_len) + option_len(sizeof(flags)) +
			 (comment ? option_len(comment) : 0) + 4);
	put32(w->out, BLOCK_PACKET);
	put32(w->out, len);
	put32(w->out, id);
	put32(w->out, (uint32_t)(p->time_ns >> 32));
	put32(w->out, (uint32_t)p->time_ns);
	put32(w->out, p->captured_len);
	put32(w->out, p->packet_len);
	put_padded(w->out, p->data, p->captured_len);
	put_option(w->out, OPT_EPB_FLAGS, &flags, sizeof(flags));
	if (comment)
		put_option(w->out, OPT_COMMENT, p->comment, comment);
	put_option(w->out, OPT_END, NULL, 0);
	put32(w->out, len);
	return result(w);
}
