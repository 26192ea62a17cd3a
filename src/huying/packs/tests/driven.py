"""What the components of each mechanism that is full drive, as catalogue section 4 asks: read by test_shipped."""

from __future__ import annotations

DRIVEN: dict[str, str] = {
    "chengguan.claim_serve": "service_kinds.claimed",
    "chengguan.five_aims": "templates.alliance_aims",
    "chengguan.four_pairings": "team_kinds.army team_kinds.central team_kinds.firms team_kinds.schools",
    "chengguan.menu_rota": "activity_kinds.alliance rhythms.rota",
    "chengguan.three_stages": "templates.stages",
    "chengguan.two_lists": "service_kinds.people_need service_kinds.unit_resource",
    "chengxi.four_links": (
        "team_kinds.chain_branch team_kinds.chain_committee team_kinds.chain_group team_kinds.chain_home"
    ),
    "chengxi.m2332": (
        "activity_kinds.joint_meeting activity_kinds.joint_project rhythms.meetings service_kinds.m2332_need "
        "service_kinds.problem standards.cores team_kinds.partners templates.m2332"
    ),
    "chengxi.quarter_hour": "place_flags.all_ages place_flags.good_living place_flags.joined_up",
    "chengxi.three_aims": "templates.aims",
    "chengxi.three_lists": "activity_kinds.list_project service_kinds.need service_kinds.resource templates.lists",
    "guangxi.three_izations": "standards.three_ways",
    "guangxi.three_labels": "themes.label_head themes.label_leading themes.label_life",
    "haidian.four_programmes": "activity_kinds.neighbours team_kinds.innovators templates.fund templates.scenes",
    "haidian.four_zones": (
        "place_flags.campus place_flags.community place_flags.park place_flags.scenic team_kinds.zone_campus "
        "team_kinds.zone_community team_kinds.zone_park team_kinds.zone_scenic"
    ),
    "haidian.one_call": "rings.answer_near rings.answer_office rings.answer_own",
    "huixian.seven_verbs": (
        "rhythms.festivals themes.platform:change themes.platform:give themes.platform:help themes.platform:judge "
        "themes.platform:make themes.platform:say themes.platform:talk"
    ),
    "huixian.three_functions": "place_flags.governance place_flags.party_service place_flags.practice",
    "huixian.three_to_villages": ("activity_kinds.culture_down activity_kinds.health_down activity_kinds.science_down"),
    "huize.five_lines": (
        "service_kinds.newcomer themes.line_citizen themes.line_customs themes.line_deeds themes.line_home "
        "themes.line_thanks"
    ),
    "jiayuguan.eight_actions": (
        "templates.eight themes.act_belief themes.act_citizens themes.act_indicators themes.act_looks "
        "themes.act_minors themes.act_notices themes.act_practice themes.act_villages"
    ),
    "jiayuguan.hand_over": "activity_kinds.hand_over",
    "jiayuguan.street_duty": "rings.street_units team_kinds.street templates.letter",
    "jiayuguan.three_highs": "standards.highs",
    "jiayuguan.weekly_monthly": "activity_kinds.inspection rhythms.inspections templates.bulletin",
    "lingchuan.four_aims": "themes.aim_culture themes.aim_customs themes.aim_gather themes.aim_guide",
    "lingchuan.seven_fields": (
        "skills.field_aid skills.field_arts skills.field_health skills.field_rescue skills.field_safety "
        "skills.field_science skills.field_theory"
    ),
    "lizhou.red_saturday": "activity_kinds.red_saturday rhythms.saturdays",
    "lizhou.three_ledgers": "service_kinds.demand service_kinds.home_visit templates.ledgers",
    "lizhou.three_levels": "rings.level_branch rings.level_member rings.level_unit team_kinds.level_branch",
    "longyan.cadence": "rhythms.cadence",
    "longyan.m14363": (
        "rhythms.m14363_seasons rings.joint_centre rings.joint_office rings.joint_own service_kinds.aid_poor "
        "service_kinds.guard_buds service_kinds.help_disabled service_kinds.honour_old service_kinds.see_doctor "
        "service_kinds.support_weak standards.safeguards team_kinds.bodies team_kinds.public team_kinds.societies "
        "templates.m14363 themes.autumn themes.spring themes.summer themes.winter"
    ),
    "longyan.one_each": "place_flags.brand place_flags.project place_flags.speciality",
    "longyan.three_methods": "templates.methods themes.way_footsteps themes.way_frontline themes.way_project",
    "manzhouli.four_izations": "standards.service_ways",
    "nujiang.duties": "standards.duties",
    "nujiang.five_rhythms": "rhythms.five service_kinds.warmth themes.compare",
    "nujiang.four_focuses": (
        "templates.focuses themes.focus_civility themes.focus_people themes.focus_sites themes.focus_thought"
    ),
    "nujiang.four_izations": "standards.four_ways",
    "nujiang.levels": (
        "place_kinds.platform:centre place_kinds.platform:office place_kinds.platform:station place_kinds.state_centre"
    ),
    "nujiang.three_formats": "themes.pair_arts themes.pair_play themes.pair_show",
    "nujiang.three_grips": "activity_kinds.civility_class activity_kinds.labour_class activity_kinds.language_class",
    "nujiang.volunteer_mix": "team_kinds.from_society team_kinds.in_office team_kinds.profession",
    "panzhihua.five_stages": "service_kinds.open_question templates.stages5",
    "panzhihua.supports": (
        "themes.first_data themes.first_mobile themes.first_users themes.support_industry "
        "themes.support_organisation themes.support_pay themes.support_technology"
    ),
    "panzhihua.talent_cycle": "activity_kinds.staff_class standards.talent",
    "qingyang.four_joinings": (
        "templates.joinings themes.join_example themes.join_mechanism themes.join_study themes.join_venues"
    ),
    "qujing.five_missions": (
        "themes.mission_banner themes.mission_culture themes.mission_hearts themes.mission_image themes.mission_people"
    ),
    "tongling.four_forms": "themes.film_live themes.film_short themes.film_talk themes.film_vlog",
    "tongren.five_izations": "standards.five_ways",
    "tongren.five_links": (
        "templates.links themes.link_civility themes.link_mechanism themes.link_platform themes.link_projects "
        "themes.link_teams"
    ),
    "tongren.five_principles": "templates.principles",
    "tongren.levels": (
        "place_flags.window_point place_flags.window_post place_kinds.platform:centre place_kinds.platform:office "
        "place_kinds.platform:point place_kinds.platform:post place_kinds.platform:station"
    ),
    "tongren.m345": (
        "place_kinds.platform:centre place_kinds.platform:office place_kinds.platform:point "
        "place_kinds.platform:post place_kinds.platform:station rhythms.m345_rounds rings.call_county "
        "rings.call_near rings.call_street standards.five_in_one team_kinds.core team_kinds.platform:elders "
        "team_kinds.platform:party team_kinds.platform:society team_kinds.platform:women "
        "team_kinds.platform:youth templates.m345 themes.heart_civility themes.heart_culture themes.heart_deeds "
        "themes.heart_theory"
    ),
    "tongren.savings_bank": "place_kinds.bank rule_books.savings",
    "tongren.three_cooperations": (
        "rings.coop_centre rings.coop_office rings.coop_own rings.coop_pairs rings.coop_units"
    ),
    "tongren.three_cultures": (
        "activity_kinds.grow_culture activity_kinds.send_culture activity_kinds.show_culture skills.artist "
        "skills.village_hand team_kinds.culture team_kinds.troupe"
    ),
    "weinan.coverage_plan": "rhythms.timetable templates.coverage",
    "weinan.four_functions": (
        "themes.function_heritage themes.function_morals themes.function_service themes.function_thought"
    ),
    "wuxi.three_groups": "service_kinds.relief",
    "xiangyang.family_tags": (
        "themes.family_country themes.family_home themes.family_love themes.family_share themes.family_spirit "
        "themes.family_teaching themes.family_upward"
    ),
    "xinzhou.one_call": "rings.all rings.units rings.whistle",
    "yingxiu.five_lines": (
        "themes.line_customs themes.line_letters themes.line_reason themes.line_virtue themes.line_warmth"
    ),
    "yingxiu.m176": (
        "place_flags.local_point place_kinds.platform:office place_kinds.platform:point "
        "place_kinds.platform:station templates.sites14"
    ),
    "yingxiu.six_forms": (
        "themes.form_hall themes.form_links themes.form_meetings themes.form_members themes.form_stage "
        "themes.form_villagers"
    ),
    "yingxiu.three_gatherings": (
        "activity_kinds.platform:culture activity_kinds.platform:lecture activity_kinds.platform:service "
        "templates.gathers themes.gather_soul themes.gather_spirit themes.gather_strength"
    ),
    "zhushan.five_functions": (
        "place_flags.arts_sports place_flags.handy place_flags.medical place_flags.old_young place_flags.order"
    ),
}
