"""Programmes and their target lists."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from programs.candidates import candidates_of, in_words
from programs.models import Program, Realisation, TargetList
from programs.services import approve_target_list
from programs.targeting import TIE_BREAK, Rule
from registry.audit import record_reading, subject_of
from registry.errors import Conflict
from registry.jobs import enqueue, is_open, newest
from registry.models import Shown
from registry.parameters import takes
from registry.permissions import StaffRequest

PAGE_SIZE = 50


@permission_required("programs.view_program", raise_exception=True)
def program_list(request: StaffRequest) -> HttpResponse:
    programs = (
        Program.objects.visible_to(request.user)
        .select_related("agency")
        .annotate(frozen_lists=Count("target_lists", filter=Q(target_lists__state=TargetList.State.FROZEN)))
    )
    return render(request, "programs/program_list.html", {"programs": programs})


@permission_required("programs.view_program", raise_exception=True)
def program_detail(request: StaffRequest, pk: int) -> HttpResponse:
    programs = Program.objects.visible_to(request.user).select_related("agency")
    program = get_object_or_404(programs.prefetch_related("criteria", "district_quotas__area"), pk=pk)
    job = newest("build_target_list", program=program.pk)
    lists = TargetList.objects.visible_to(request.user).filter(program=program).select_related("approved_by")
    context = {
        "program": program,
        "criteria": program.criteria.all(),
        "quotas": program.district_quotas.all(),
        "eligible": len(candidates_of(program, on=timezone.localdate())),
        "lists": lists if request.user.has_perm("programs.add_targetlist") else lists.frozen(),
        "tie_break": TIE_BREAK,
        "job": job,
        "is_building": is_open(job),
    }
    return render(request, "programs/program_detail.html", context)


@require_POST
@permission_required("programs.add_targetlist", raise_exception=True)
def target_list_build(request: StaffRequest, pk: int) -> HttpResponse:
    """Asks the worker; the programme's page shows how far it is and, when it fails, why."""
    program = get_object_or_404(Program.objects.visible_to(request.user), pk=pk)
    if not is_open(newest("build_target_list", program=program.pk)):
        enqueue("build_target_list", by=request.user, program=program.pk, language=get_language())
    return redirect(program)


@takes("page")
@permission_required("programs.view_targetrow", raise_exception=True)
def target_list_detail(request: StaffRequest, pk: int) -> HttpResponse:
    lists = TargetList.objects.visible_to(request.user).select_related(
        "program__agency", "built_by", "approved_by"
    )
    if not request.user.has_perm("programs.add_targetlist"):
        lists = lists.frozen()
    target_list = get_object_or_404(lists, pk=pk)
    current = Prefetch("realisations", Realisation.objects.current())
    rows = target_list.rows.select_related("area").prefetch_related(current)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    record_reading(
        request,
        purpose=gettext_noop("target list"),
        shown=Shown.TARGET,
        household_ids=[row.household_id for row in page],
        member_ids=[row.member_id for row in page if row.member_id],
        subject=subject_of(target_list),
    )
    context = {
        "target_list": target_list,
        "program": target_list.program,
        "page": page,
        "rows": [(row, in_words(row.facts), row.realisations.all()) for row in page],
        "rules": [str(Rule(**rule)) for rule in target_list.rules],
        "tie_break": TIE_BREAK,
    }
    return render(request, "programs/target_list_detail.html", context)


@require_POST
@permission_required("programs.approve_targetlist", raise_exception=True)
def target_list_approve(request: StaffRequest, pk: int) -> HttpResponse:
    target_list = get_object_or_404(TargetList.objects.visible_to(request.user), pk=pk)
    try:
        approve_target_list(target_list=target_list, by=request.user)
    except Conflict as conflict:
        messages.error(request, conflict.message)
    else:
        messages.success(request, _("The target list is approved and frozen. The agency can pull it now."))
    return redirect(target_list)
