using MicroSpark.Grains.Security;
using Orleans.Runtime;

namespace MicroSpark.Grains.Access;

/// <summary>
/// Looks up in the table whether whoever a gateway has put on a call may make it. It runs where the call arrives, on whichever silo, and
/// in front of Orleans' own grains and system targets too. Calls without a mark are silos' own.
/// </summary>
internal sealed class AccessFilter(AuditLog audit) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        var caller = Principal.Enter();
        if (!AccessTable.Allows(caller, context.InterfaceMethod))
        {
            var call = $"{context.InterfaceMethod?.DeclaringType?.Name}.{context.InterfaceMethod?.Name}";
            audit.Denied(caller.Name, null, $"call {call}");
            throw new UnauthorizedAccessException(
                $"{caller.Name} may not call {call}: it has the rights {caller.Rights}. The workers' Secrets, or the URI names of "
                + "its certificate, say its role.");
        }

        await context.Invoke();
    }
}
