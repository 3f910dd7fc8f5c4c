/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_test - VRRP instances, groups and trackers: defaults handed down, names resolved, mistakes mended and
 * said.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load_text.h"

#define VIP "virtual_ipaddress { 192.0.2.1 }\n"
#define VI(name, vrid, lines) "vrrp_instance " name " {\ninterface eth0\nvirtual_router_id " vrid "\n" lines "}\n"

static struct loaded *loaded;

/* The one instance of `text', whose messages must be these */
static const struct conf_vrrp *instance(const char *text, const char *want)
{
	loaded_free(loaded);
	loaded = load_text_test(text);
	if (strcmp(loaded->messages, want))
		fail_msg("got\n%swanted\n%s", loaded->messages, want);
	return loaded->c->n_vrrps ? &loaded->c->vrrps[0] : NULL;
}

static int forget(void **state)
{
	loaded_free(loaded);
	loaded = NULL;
	return 0;
}

static void defaults_are_those_of_the_manual(void **state)
{
	const struct conf_vrrp *v = instance(VI("A", "5", VIP), "");

	assert_string_equal(v->name, "A");
	assert_int_equal(v->family, AF_INET);
	assert_int_equal(v->version, 2);
	assert_int_equal(v->priority, 100);
	assert_int_equal(v->advert_us, 1000000);
	assert_int_equal(v->down_timer_adverts, 3);
	assert_int_equal(v->ttl, 255);
	assert_int_equal(v->timer_expired_backup, -1);
	assert_int_equal(v->group, CONF_NONE);
	assert_int_equal(v->mcast_dst.bytes[3], 18);
	assert_true(v->accept && !v->start_master && !v->unicast && !v->nopreempt && !v->strict);
	assert_int_equal(v->garp.master_delay_us, 5000000);
	assert_int_equal(v->garp.lower_prio_delay_us, 5000000);
	assert_int_equal(v->garp.master_repeat, 5);
	assert_int_equal(v->garp.lower_prio_repeat, 5);
	assert_int_equal(v->garp.master_refresh_repeat, 1);
	assert_true(v->notify.deleted_sends_fault);
	assert_int_equal(v->vips[0].prefix, 32);
	assert_string_equal(v->vrf, "");
	assert_string_equal(v->vmac_name, "");
}

static void global_words_are_handed_down(void **state)
{
	const char *text =
		"global_defs {\nvrrp_version 3\nvrrp_garp_master_delay 2\nvrrp_garp_lower_prio_repeat 7\n"
		"vrrp_check_unicast_src\nvrrp_down_timer_adverts 5\nv3_checksum_as_v2\nsmtp_alert_vrrp\n"
		"vrrp_notify_priority_changes on\nvrrp_mcast_group4 224.0.1.9\nvrrp_garp_extra_if all 4\n}\n" VI(
			"A", "5", VIP) "vrrp_instance B {\ninterface eth0\nvirtual_router_id 6\nversion 2\n"
				       "garp_master_delay 0\nsmtp_alert off\ndown_timer_adverts 1\n" VIP "}\n";
	const struct conf_vrrp *v = instance(text, "");

	assert_int_equal(v[0].version, 3);
	assert_int_equal(v[0].garp.master_delay_us, 2000000);
	assert_int_equal(v[0].garp.lower_prio_delay_us, 2000000);
	assert_int_equal(v[0].garp.lower_prio_repeat, 7);
	assert_int_equal(v[0].garp.extra_if_us, 4000000);
	assert_true(v[0].garp.extra_if_all && v[0].check_unicast_src && v[0].v3_checksum_as_v2);
	assert_int_equal(v[0].down_timer_adverts, 5);
	assert_true(v[0].notify.smtp_alert && v[0].notify.priority_changes);
	assert_int_equal(v[0].mcast_dst.bytes[2], 1);
	assert_int_equal(v[1].version, 2);
	assert_int_equal(v[1].garp.master_delay_us, 0);
	assert_int_equal(v[1].garp.lower_prio_delay_us, 0);
	assert_false(v[1].notify.smtp_alert);
	assert_int_equal(v[1].down_timer_adverts, 1);
}

static void one_garp_is_the_least(void **state)
{
	const struct conf_vrrp *v = instance("global_defs {\nvrrp_min_garp\n}\n" VI("A", "5", VIP), "");

	assert_int_equal(v->garp.master_delay_us, 0);
	assert_int_equal(v->garp.master_repeat, 1);
}

static void essentials_must_be_there(void **state)
{
	assert_null(instance(
		"vrrp_instance A {\ninterface eth0\n" VIP "}\n",
		"k:1:1: error: (A) the virtual router id must be set (virtual_router_id 1..255); the instance is "
		"left out\n"));
	assert_null(instance(
		"vrrp_instance A {\nvirtual_router_id 5\n" VIP "}\n",
		"k:1:1: error: (A) an interface must be set (interface NAME), or unicast_peer; the instance is left "
		"out\n"));
	assert_null(instance(
		"vrrp_instance A {\ninterface lo\nvirtual_router_id 5\n" VIP "}\n",
		"k:1:1: error: (A) an interface must be set (interface NAME), or unicast_peer; the instance is left "
		"out\n"
		"k:2:11: error: (A) cannot use a loopback interface (lo) for vrrp - ignoring\n"));
	assert_non_null(
		instance("vrrp_instance A {\nvirtual_router_id 5\nunicast_peer { 192.0.2.9 }\n" VIP "}\n", ""));
}

static void states_and_priorities_go_together(void **state)
{
	const struct conf_vrrp *v = instance(VI("A", "5", "state MASTER\n" VIP), "");

	assert_true(v->start_master);
	assert_int_equal(v->priority, 255);
	v = instance(VI("A", "5", "priority 255\n" VIP), "");
	assert_true(v->start_master);
	v = instance(VI("A", "5", "state SLAVE\npriority 50\n" VIP),
		     "k:4:7: error: state: unknown value 'SLAVE', it must be MASTER or BACKUP\n");
	assert_false(v->start_master);
	v = instance(VI("A", "5", "state master\npriority 50\n" VIP),
		     "k:4:7: error: state: unknown value 'master', write 'MASTER' (upper and lower case matter)\n");
	assert_false(v->start_master);
	v = instance(VI("A", "5", "state MASTER\npriority 50\nnopreempt\npreempt_delay 5\n" VIP),
		     "k:6:1: error: (A) nopreempt needs state BACKUP and a priority below 255, ignoring it\n"
		     "k:7:1: error: (A) preempt_delay needs state BACKUP and no nopreempt, ignoring it\n");
	assert_true(v->start_master && !v->nopreempt && !v->preempt_delay_us);
	v = instance(VI("A", "5", "nopreempt\npreempt_delay 5\n" VIP),
		     "k:5:1: error: (A) preempt_delay needs state BACKUP and no nopreempt, ignoring it\n");
	assert_true(v->nopreempt);
	v = instance(VI("A", "5", "timer_expired_backup 0\n" VIP),
		     "k:4:1: error: (A) timer_expired_backup needs nopreempt, ignoring it\n");
	assert_int_equal(v->timer_expired_backup, -1);
}

static void intervals_fit_the_version(void **state)
{
	const struct conf_vrrp *v =
		instance(VI("A", "5", "advert_int 0.5\n" VIP),
			 "k:4:1: error: (A) advert_int: version 2 has whole seconds, using 1 (version 3 can "
			 "do less)\n");

	assert_int_equal(v->advert_us, 1000000);
	v = instance(VI("A", "5", "version 3\nadvert_int 0.015\n" VIP),
		     "k:5:1: error: (A) advert_int: version 3 has steps of 0.01 s up to 40.95, using 0.02\n");
	assert_int_equal(v->advert_us, 20000);
	v = instance(VI("A", "5", "version 3\nadvert_int 41\n" VIP),
		     "k:5:1: error: (A) advert_int: version 3 has steps of 0.01 s up to 40.95, using 40.95\n");
	assert_int_equal(v->advert_us, 40950000);
	v = instance(VI("A", "5", "advert_int 255\n" VIP), "");
	assert_int_equal(v->advert_us, 255000000);
}

static void addresses_say_the_family(void **state)
{
	const struct conf_vrrp *v = instance(VI("A", "5", "virtual_ipaddress { 2001:db8::1/64 }\n"), "");

	assert_int_equal(v->family, AF_INET6);
	assert_int_equal(v->version, 3);
	assert_true(v->vips[0].nodad);
	assert_int_equal(v->mcast_dst.bytes[0], 0xff);
	v = instance(VI("A", "5", "version 2\nvirtual_ipaddress { fe80::1 }\n"),
		     "k:4:1: error: (A) IPv6 needs version 3, using it\n");
	assert_int_equal(v->version, 3);
	assert_int_equal(v->vips[0].scope, 253);
	v = instance(
		VI("A", "5", "virtual_ipaddress {\n192.0.2.1\n2001:db8::1\n192.0.2.1\n}\n"),
		"k:6:1: error: (A) an IPv6 address in an IPv4 instance: it becomes a virtual_ipaddress_excluded\n"
		"k:7:1: hint: (A) address 192.0.2.1 is given twice, ignoring this one\n");
	assert_int_equal(v->n_vips, 1);
	assert_int_equal(v->n_excluded, 1);
	v = instance(VI("A", "5", "mcast_src_ip ::1\nmcast_dst_ip 10.0.0.1\n" VIP),
		     "k:4:1: error: (A) the source address is of the other family, ignoring it\n"
		     "k:5:1: error: (A) mcast_dst_ip is no IPv4 multicast address, ignoring it\n");
	assert_int_equal(v->source.family, 0);
	assert_int_equal(v->mcast_dst.bytes[0], 224);
	instance(VI("A", "5", ""), "k:1:1: warning: (A) No VIP specified; at least one is sensible\n");
	instance(VI("A", "5", "no_virtual_ipaddress\n"), "");
}

static void an_advertisement_has_room_for_255(void **state)
{
	char text[20000], *end = text;
	const struct conf_vrrp *v;

	end += sprintf(end, "vrrp_instance A {\ninterface eth0\nvirtual_router_id 5\nvirtual_ipaddress {\n");
	for (int i = 0; i < 257; i++)
		end += sprintf(end, "10.0.%d.%d\n", i / 250, i % 250);
	sprintf(end, "}\n}\n");
	v = instance(
		text,
		"k:260:1: error: (A) an advertisement has room for 255 addresses: the others become excluded ones\n");
	assert_int_equal(v->n_vips, 255);
	assert_int_equal(v->n_excluded, 2);
	assert_int_equal(v->excluded[1].addr.bytes[3], 6);
}

static void passwords_have_eight_bytes(void **state)
{
	const struct conf_vrrp *v;

	v = instance(VI("A", "5", "authentication {\nauth_type PASS\nauth_pass 84ae57f7f4f6\n}\n" VIP),
		     "k:6:11: warning: Truncating auth_pass to 8 characters\n");
	assert_int_equal(v->auth, CONF_AUTH_PASS);
	assert_memory_equal(v->auth_pass, "84ae57f7", 8);
	v = instance(VI("A", "5", "authentication {\nauth_type pass\nauth_pass 1\n}\n" VIP),
		     "k:5:11: error: auth_type: unknown value 'pass', write 'PASS' (upper and lower case matter)\n"
		     "k:6:1: error: (A) auth_pass without auth_type (PASS or AH), no authentication is used\n");
	assert_int_equal(v->auth, CONF_AUTH_NONE);
	v = instance(VI("A", "5", "authentication {\nauth_type AH\n}\n" VIP),
		     "k:5:1: error: (A) auth_type without auth_pass, no authentication is used\n");
	assert_int_equal(v->auth, CONF_AUTH_NONE);
	v = instance(VI("A", "5", "version 3\nauthentication {\nauth_type PASS\nauth_pass 1\n}\n" VIP),
		     "k:6:1: error: (A) version 3 has no authentication, ignoring it (auth_hmac works)\n");
	assert_int_equal(v->auth, CONF_AUTH_NONE);
	v = instance(VI("A", "5", "state MASTER\npriority 9\nauthentication {\nauth_type AH\nauth_pass 1\n}\n" VIP),
		     "k:4:1: error: (A) Initial state master is incompatible with AH authentication - clearing\n");
	assert_int_equal(v->auth, CONF_AUTH_AH);
	assert_false(v->start_master);
}

static void hmac_has_keys(void **state)
{
	const struct conf_vrrp *v;

	v = instance(VI("A", "5",
			"auth_hmac {\nkey 7 file:/key\n"
			"key 9 hex:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\nactive_key 9\n"
			"mode permissive\nanti_replay monotonic\n}\nadvert_int 3\n" VIP),
		     "");
	assert_int_equal(v->n_hmac_keys, 2);
	assert_int_equal(v->hmac_keys[0].len, 32);
	assert_memory_equal(v->hmac_keys[0].bytes, "kkkk", 4);
	assert_int_equal(v->hmac_keys[1].bytes[1], 0x11);
	assert_int_equal(v->hmac_active, 9);
	assert_int_equal(v->hmac_mode, CONF_HMAC_PERMISSIVE);
	assert_true(v->hmac_monotonic);
	assert_int_equal(v->hmac_window_us, 9000000);
	v = instance(VI("A", "5", "auth_hmac {\nkey 7 short\nkey 8 hex:00\nkey 9 file:/none\n}\n" VIP),
		     "k:4:1: error: (A) auth_hmac without a key, it is not used\n"
		     "k:5:7: error: key: a key has 32 to 64 bytes (hex: two digits each)\n"
		     "k:6:7: error: key: a key has 32 to 64 bytes (hex: two digits each)\n"
		     "k:7:7: error: key: /none cannot be read: No such file or directory\n");
	assert_int_equal(v->n_hmac_keys, 0);
	v = instance(VI("A", "5",
			"auth_hmac {\nkey 7 file:/key\nactive_key 8\n}\n"
			"authentication {\nauth_type PASS\nauth_pass 1\n}\n" VIP),
		     "k:6:1: error: (A) active_key 8: there is no such key, using key 7\n"
		     "k:9:1: error: (A) auth_hmac takes the place of authentication, which is ignored\n");
	assert_int_equal(v->hmac_active, 7);
	assert_int_equal(v->auth, CONF_AUTH_NONE);
}

static void unicast_has_peers(void **state)
{
	const struct conf_vrrp *v;

	v = instance(
		VI("A", "5",
		   "unicast_src_ip 10.0.0.1\nunicast_peer {\n10.0.0.2 min_ttl 5 max_ttl 9\n2001:db8::1\n}\n" VIP),
		"k:5:1: error: (A) a unicast_peer is an IPv6 address in an IPv4 instance, ignoring it\n");
	assert_true(v->unicast && v->check_unicast_src);
	assert_int_equal(v->n_peers, 1);
	assert_int_equal(v->peers[0].min_ttl, 5);
	assert_int_equal(v->peers[0].max_ttl, 9);
	v = instance(VI("A", "5", "unicast_peer { 10.0.0.2 }\nuse_vmac\n" VIP),
		     "k:5:1: error: (A) use_vmac with unicast peers needs vmac_xmit_base, it is switched on\n");
	assert_true(v->vmac_xmit_base);
	assert_int_equal(v->peers[0].max_ttl, -1);
}

static void vmac_takes_name_and_address(void **state)
{
	const struct conf_vrrp *v = instance(VI("A", "5", "use_vmac vm0 00:11:22:33:44\n" VIP), "");

	assert_true(v->use_vmac && v->has_vmac_mac);
	assert_string_equal(v->vmac_name, "vm0");
	assert_int_equal(v->vmac_mac[4], 0x44);
	assert_int_equal(v->vmac_mac[5], 5);
	v = instance(VI("A", "5", "use_vmac 00:11:22:33:44:gg\n" VIP),
		     "k:4:10: error: use_vmac: '00:11:22:33:44:gg' is not a MAC address\n");
	assert_true(v->use_vmac && !v->has_vmac_mac);
}

static void strict_mode_says_what_it_forbids(void **state)
{
	const struct conf_vrrp *v;

	v = instance(VI("A", "5",
			"strict_mode\nstate MASTER\npriority 90\npreempt_delay 5\n"
			"authentication {\nauth_type PASS\nauth_pass 1\n}\n" VIP),
		     "k:1:1: hint: (A) strict mode: the addresses stay reachable (keepalived would drop packets to "
		     "them); write "
		     "no_accept if they shall only route\n"
		     "k:5:1: error: (A) strict mode: only priority 255 may start as MASTER, it starts as BACKUP\n"
		     "k:7:1: error: (A) strict mode forbids preempt_delay, ignoring it\n"
		     "k:9:1: error: (A) strict mode forbids authentication, ignoring it\n");
	assert_true(v->strict && v->accept && !v->start_master && !v->auth && !v->preempt_delay_us);
	assert_int_equal(v->garp.lower_prio_repeat, 0);
	v = instance(VI("A", "5", "strict_mode\nno_accept\n" VIP), "");
	assert_false(v->accept);
	v = instance(VI("A", "5", "strict_mode\nunicast_peer { 10.0.0.2 }\n" VIP),
		     "k:5:1: error: (A) strict mode forbids unicast peers: it is switched off for this instance\n");
	assert_false(v->strict);
	assert_int_equal(v->garp.lower_prio_repeat, 5);
}

static void ids_must_differ(void **state)
{
	instance(VI("A", "5", VIP) VI("B", "5", VIP),
		 "k:6:1: error: A and B both use VRID 5 with IPv4 on interface eth0; B is left out\n");
	assert_int_equal(loaded->c->n_vrrps, 1);
	instance(VI("A", "5", VIP) VI("B", "5", "virtual_ipaddress { 2001:db8::1 }\n"), "");
	assert_int_equal(loaded->c->n_vrrps, 2);
	instance(VI("A", "5", VIP) VI("B", "5", "mcast_dst_ip 224.0.1.1\n" VIP), "");
	assert_int_equal(loaded->c->n_vrrps, 2);
	instance(VI("A", "5", "unicast_peer { 10.0.0.1 }\n" VIP) VI("B", "5", "unicast_peer { 10.0.0.2 }\n" VIP), "");
	assert_int_equal(loaded->c->n_vrrps, 2);
	instance(VI("A", "5", VIP) VI("A", "6", VIP),
		 "k:6:15: error: vrrp_instance A already defined, this one is skipped\n");
	assert_int_equal(loaded->c->n_vrrps, 1);
}

static void groups_have_members(void **state)
{
	const struct conf_sync_group *g;

	instance("vrrp_sync_group G {\ngroup {\nB\nA\nX\nB\n}\n}\nvrrp_sync_group H {\ngroup { A }\n}\n" VI(
			 "A", "5", VIP) VI("B", "6", VIP),
		 "k:5:1: error: vrrp_sync_group G: there is no vrrp_instance X, ignoring it\n"
		 "k:6:1: error: vrrp_sync_group G: B is named twice, ignoring this one\n"
		 "k:9:1: error: vrrp_sync_group H has no members, it is left out\n"
		 "k:10:9: error: vrrp_sync_group H: A is in another group already, ignoring it\n");
	g = loaded->c->groups;
	assert_int_equal(loaded->c->n_groups, 1);
	assert_int_equal(g->n_members, 2);
	assert_int_equal(g->members[0], 1);
	assert_int_equal(g->members[1], 0);
	assert_int_equal(loaded->c->vrrps[0].group, 0);
}

#define TRACKED                                                                                                     \
	"vrrp_script s {\nscript /bin/s\nweight 5\n}\nvrrp_script gone {\nscript /missing/s\n}\n"                   \
	"track_file f {\nfile /f\n}\nvrrp_track_process p {\nprocess nginx -g\nweight -7 reverse\n}\n"              \
	"bfd_instance b {\nneighbor_ip 10.0.0.1\nweight 3\n}\nbfd_instance c {\nneighbor_ip 10.0.0.2\nchecker\n}\n" \
	"global_defs {\nenable_script_security\n}\n"

static void trackers_are_found_by_name(void **state)
{
	const struct conf_vrrp *v;

	v = instance(TRACKED VI("A", "5",
				VIP "track_script {\ns\n}\ntrack_file {\nf weight -1\n}\ntrack_process {\np\n"
				    "}\ntrack_bfd {\nb weight 9 reverse\n}\ntrack_interface {\neth1\neth1\neth77 "
				    "weight 300\n}\n"),
		     "k:6:8: warning: vrrp_script: '/missing/s' is not found - disabling\n"
		     "k:44:1: error: (A) eth1 is tracked twice, ignoring this one\n"
		     "k:45:1: warning: interface eth77 for A doesn't exist (dynamic_interfaces lets it come later)\n"
		     "k:45:14: error: eth77: number '300' outside range [-253, 253]\n");
	assert_int_equal(v->n_tracks, 6);
	assert_int_equal(v->tracks[0].kind, CONF_TRACK_SCRIPT);
	assert_int_equal(v->tracks[0].weight, 5);
	assert_int_equal(v->tracks[1].weight, -1);
	assert_int_equal(v->tracks[2].weight, -7);
	assert_true(v->tracks[2].reverse);
	assert_int_equal(v->tracks[3].weight, 9);
	assert_string_equal(v->tracks[4].ifname, "eth1");
	assert_int_equal(v->tracks[5].weight, 0);
	assert_string_equal(loaded->c->processes[0].argv[1], "-g");
}

static void what_cannot_be_tracked_is_said(void **state)
{
	const struct conf_vrrp *v;

	v = instance(
		TRACKED VI("A", "5", VIP "track_script {\nno\ngone\n}\ntrack_bfd {\nc\n}\n"),
		"k:6:8: warning: vrrp_script: '/missing/s' is not found - disabling\n"
		"k:31:1: error: (A) track_script: there is no vrrp_script no, ignoring it\n"
		"k:32:1: warning: (A) tracked script gone cannot be run and is not tracked\n"
		"k:35:1: error: (A) bfd_instance c is for the checker only and is not tracked; write vrrp there\n");
	assert_int_equal(v->n_tracks, 0);
}

static void owners_and_groups_have_no_weights(void **state)
{
	const struct conf_vrrp *v;

	v = instance(
		VI("A", "5", VIP "priority 255\ntrack_interface { eth1 weight 5 }\n"),
		"k:6:19: error: (A) weight 5 of track_interface eth1 is set to 0: the address owner's priority never "
		"changes\n");
	assert_int_equal(v->tracks[0].weight, 0);
	v = instance("vrrp_sync_group G {\ngroup {\nA\nB\n}\n}\n" VI(
			     "A", "5", VIP "track_interface { eth1 weight 5 }\n") VI("B", "6", VIP),
		     "k:11:19: error: (A) weight 5 of track_interface eth1 is set to 0: a sync group needs "
		     "sync_group_tracking_weight for that\n");
	assert_int_equal(v->tracks[0].weight, 0);
	v = instance("vrrp_sync_group G {\nsync_group_tracking_weight\ngroup {\nA\nB\n}\n}\n" VI(
			     "A", "5", VIP "track_interface { eth1 weight 5 }\n") VI("B", "6", VIP),
		     "");
	assert_int_equal(v->tracks[0].weight, 5);
}

static void bfd_sessions_need_a_neighbour(void **state)
{
	const struct conf_bfd *b;

	instance("bfd_instance a {\n}\nbfd_instance b {\nneighbor_ip 2001:db8::1\nmin_rx 1.5\nvrrp\n}\n"
		 "bfd_instance c {\nneighbor_ip 2001:db8::1\n}\nbfd_instance d {\nneighbor_ip 10.0.0.1\nsource_ip "
		 "::1\n}\n",
		 "k:1:1: error: (a) neighbor_ip is missing, the session is skipped\n"
		 "k:8:1: error: (c) there is a session with this neighbour already, this one is skipped\n"
		 "k:11:1: error: (d) source_ip and neighbor_ip are of different families, the session is skipped\n");
	b = loaded->c->bfds;
	assert_int_equal(loaded->c->n_bfds, 1);
	assert_int_equal(b->min_rx_us, 1500);
	assert_int_equal(b->min_tx_us, 10000);
	assert_int_equal(b->idle_tx_us, 1000000);
	assert_int_equal(b->multiplier, 5);
	assert_int_equal(b->ttl, 64);
	assert_true(b->for_vrrp && !b->for_checker);
}

static void the_sync_daemon_follows_an_instance(void **state)
{
	instance("global_defs {\nlvs_sync_daemon eth0 A maxlen 1000 ttl 3 group 224.0.0.99\n}\n" VI("A", "5", VIP),
		 "");
	assert_true(loaded->c->global.sync.on);
	assert_int_equal(loaded->c->global.sync.id, 5);
	assert_int_equal(loaded->c->global.sync.maxlen, 1000);
	instance("global_defs {\nlvs_sync_daemon eth0 inst X id 3\n}\n",
		 "k:2:1: error: lvs_sync_daemon: there is no vrrp_instance X, it is not started\n");
	assert_false(loaded->c->global.sync.on);
}

static void track_groups_depend_on_static_things(void **state)
{
	instance("track_group G {\ngroup {\nA\nX\n}\n}\nstatic_ipaddress {\n10.0.0.1 track_group G\n10.0.0.2 "
		 "track_group H\n}\n" VI("A", "5", VIP),
		 "k:4:1: error: track_group G: there is no vrrp_instance X, ignoring it\n"
		 "k:9:1: error: there is no track_group H, ignoring it\n");
	assert_int_equal(loaded->c->track_groups[0].n_vrrps, 1);
	assert_string_equal(loaded->c->static_addresses[0].track_group, "G");
	assert_string_equal(loaded->c->static_addresses[1].track_group, "");
}

static void notify_scripts_are_optional(void **state)
{
	const struct conf_vrrp *v;

	v = instance(
		"global_defs {\nenable_script_security\n}\n" VI(
			"A", "5", VIP "notify_master \"/bin/m a\" bob\nnotify_fault /missing/f\nnotify_deleted\n"),
		"k:9:14: hint: notify_fault: '/missing/f' is not found - disabling\n");
	assert_string_equal(v->notify.master.argv[1], "a");
	assert_string_equal(v->notify.master.user, "bob");
	assert_null(v->notify.fault.argv);
	assert_false(v->notify.deleted_sends_fault);
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, forget)
	static const struct CMUnitTest tests[] = {
		T(defaults_are_those_of_the_manual),
		T(global_words_are_handed_down),
		T(one_garp_is_the_least),
		T(essentials_must_be_there),
		T(states_and_priorities_go_together),
		T(intervals_fit_the_version),
		T(addresses_say_the_family),
		T(an_advertisement_has_room_for_255),
		T(passwords_have_eight_bytes),
		T(hmac_has_keys),
		T(unicast_has_peers),
		T(vmac_takes_name_and_address),
		T(strict_mode_says_what_it_forbids),
		T(ids_must_differ),
		T(groups_have_members),
		T(trackers_are_found_by_name),
		T(what_cannot_be_tracked_is_said),
		T(owners_and_groups_have_no_weights),
		T(bfd_sessions_need_a_neighbour),
		T(the_sync_daemon_follows_an_instance),
		T(track_groups_depend_on_static_things),
		T(notify_scripts_are_optional),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
