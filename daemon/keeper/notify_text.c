/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notify_text - see notify_text.h. */
#include "notify_text.h"

#include <stdio.h>
#include <string.h>

#include "load.h"
#include "vrrps.h"

const char *notify_vrrp_word(uint8_t event, uint8_t state)
{
	switch (event) {
	case VRRP_EV_STATE:
		return state == VRRP_INIT ? NULL : vrrp_state_word(state);
	case VRRP_EV_RX_LOWER_PRI:
		return "MASTER_RX_LOWER_PRI";
	case VRRP_EV_PRIORITY:
		return state == VRRP_MASTER ? "MASTER_PRIORITY" : state == VRRP_BACKUP ? "BACKUP_PRIORITY" : NULL;
	default:
		return NULL;
	}
}

int notify_vrrp_line(char *buf, size_t size, bool group, const char *name, const char *word, uint8_t priority)
{
	return snprintf(buf, size, "%s \"%s\" %s %u\n", group ? "GROUP" : "INSTANCE", name, word,
			group ? 0 : priority);
}

bool notify_vrrp_mail(bool group, const char *name, uint8_t state, struct msg_mail *m)
{
	static const struct {
		const char *subject, *instance, *group;
	} of[] = {
		[VRRP_BACKUP] = { "Entering BACKUP state", "=> VRRP Instance is nolonger owning VRRP VIPs <=",
				  "=> All VRRP group instances are now in BACKUP state <=" },
		[VRRP_MASTER] = { "Entering MASTER state", "=> VRRP Instance is now owning VRRP VIPs <=",
				  "=> All VRRP group instances are now in MASTER state <=" },
		[VRRP_FAULT] = { "Entering FAULT state", "=> VRRP Instance has failed <=",
				 "=> All VRRP group instances are now in FAULT state <=" },
		[VRRP_STOPPED] = { "Stopping", "=> VRRP Instance stopping <=", "=> VRRP group stopping <=" },
		[VRRP_DELETED] = { "Deleted", "=> VRRP Instance deleted <=", "=> VRRP group deleted <=" },
	};

	if (state >= sizeof(of) / sizeof(of[0]) || !of[state].subject)
		return false;
	snprintf(m->subject, sizeof(m->subject), "VRRP %s %s - %s", group ? "Group" : "Instance", name,
		 of[state].subject);
	snprintf(m->body, sizeof(m->body), "%s", group ? of[state].group : of[state].instance);
	return true;
}

int notify_lvs_line(char *buf, size_t size, const struct conf *c, const struct conf_vs *vs, const struct conf_rs *rs,
		    bool up)
{
	char v[200], r[200];

	conf_vs_text(c, vs, v, sizeof(v));
	if (!rs)
		return snprintf(buf, size, "VS %s %s\n", v, up ? "UP" : "DOWN");
	conf_rs_text(vs, rs, r, sizeof(r));
	return snprintf(buf, size, "RS %s %s %s\n", r, v, up ? "UP" : "DOWN");
}

void notify_lvs_mail(const struct conf *c, const struct conf_vs *vs, const struct conf_rs *rs, bool up,
		     const char *text, struct msg_mail *m)
{
	char v[200], r[200];

	conf_vs_text(c, vs, v, sizeof(v));
	if (rs) {
		conf_rs_text(vs, rs, r, sizeof(r));
		snprintf(m->subject, sizeof(m->subject), "Realserver %.100s of virtual server %.100s - %s", r, v,
			 up ? "UP" : "DOWN");
	} else {
		snprintf(m->subject, sizeof(m->subject), "Virtualserver %.100s - %s", v, up ? "UP" : "DOWN");
	}
	snprintf(m->body, sizeof(m->body), "%s", text ? text : "");
}
