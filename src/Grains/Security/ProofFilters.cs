using Orleans.Runtime;

namespace MicroSpark.Grains.Security;

/// <summary>Attaches a fresh proof to each outgoing call of a method that is marked <see cref="RequiresProofAttribute"/>.</summary>
internal sealed class ProofFilter(CallProof proofs) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.InterfaceMethod is not { } method || !CallProof.IsRequired(method))
        {
            await context.Invoke();
            return;
        }

        RequestContext.Set(CallProof.ContextKey, proofs.Make(context.TargetId, method, context.Request));
        try
        {
            await context.Invoke();
        }
        finally
        {
            RequestContext.Remove(CallProof.ContextKey);
        }
    }
}

/// <summary>Says who calls, for the audit.</summary>
internal sealed class CallerFilter : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        RequestContext.Set(Caller.ContextKey, Caller.OfProcess);
        try
        {
            await context.Invoke();
        }
        finally
        {
            RequestContext.Remove(Caller.ContextKey);
        }
    }
}

/// <summary>Refuses calls of marked methods that do not prove the cluster's secret.</summary>
internal sealed class ProofCheckFilter(CallProof proofs) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod is { } method && CallProof.IsRequired(method))
        {
            var problem = proofs.Check(
                context.TargetId, method, context.Request, RequestContext.Get(CallProof.ContextKey) as byte[]);
            RequestContext.Remove(CallProof.ContextKey);
            if (problem is not null)
            {
                throw new UnauthorizedAccessException(
                    $"The call of {method.Name} was refused: {problem}. Give the caller the cluster's MicroSpark:Secret or "
                    + $"MicroSpark:SecretFile.");
            }
        }

        return context.Invoke();
    }
}
